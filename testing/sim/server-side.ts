/** Owns what happens at the server without any tab: somebody publishes, a log is trimmed, a state is read. */
import type { Cursor } from '../../protocol/ids.js'
import type { App } from './app.js'
import type { World } from './world.js'

export function publish({ gateway, next }: World, channel: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const told = gateway.switchboard?.publish(channel, { news: next('news ') })
    // Its death in the middle is part of the plan.
    told?.catch(() => {})
  }
}

/** `keep`: so many of the newest stay. */
export function trim({ gateway, records }: World, channel: string, keep: number): void {
  const upTo = records.places(channel).at(-1 - keep)
  if (upTo !== undefined) records.inbox({ fact: 'trimmed', channel, upTo })
  void gateway.log.trim(channel, keep)
}

/** By another way than the line's: it may be slow, and fail. */
export async function positionOf(
  { gateway, network }: World,
  { tab }: App,
  channel: string,
  ms: number,
): Promise<Cursor> {
  await tab.wait(ms / 2)
  if (network.reach !== 'good' || !gateway.switchboard) throw new TypeError('Failed to fetch')
  const position = await gateway.log.position(channel)
  await tab.wait(ms / 2)
  return position
}
