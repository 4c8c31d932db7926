/** Owns what many stories of a house begin with: tabs that are online, and events of one channel. */
import type { ConnectOptions } from '../page-client/api.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import type { createHouse, HouseTab } from './house.js'

export async function openOnline(
  house: ReturnType<typeof createHouse>,
  tabs: number,
  options: Partial<ConnectOptions>,
): Promise<{ readonly tabs: readonly HouseTab[]; readonly tab: HouseTab }> {
  const opened = Array.from({ length: tabs }, () => house.openTab(options))
  await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
  return { tabs: opened, tab: opened[0] as HouseTab }
}

/** The events of `news` with these numbers: id and payload say which. */
export const newsEvents = (first: number, last: number): DownBody<'events'> =>
  ({
    channel: 'news',
    epoch: 'e1',
    after: String(first - 1),
    events: Array.from({ length: last - first + 1 }, (_, i) => [
      String(first + i),
      JSON.stringify({ n: first + i }),
    ]),
  }) as never
