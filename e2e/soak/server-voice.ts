/**
 * Owns what the server's side publishes: one after the other, while other things happen. What is being
 * published when the gateway dies is not safe, and may have been taken all the same; after that the
 * voice has another name.
 */
import type { Gateway } from '../support/gateway.js'
import type { GatewayTurns } from '../support/gateway-turns.js'
import type { Ledger } from './ledger.js'
import type { ChannelName, Item } from './page/page-api.js'
import { LENGTH } from './plan.js'

export interface ServerVoice {
  publish(channel: ChannelName, count: number): void
  /** Resolves when nothing is being published any more. */
  settled(): Promise<void>
}

export function createServerVoice(
  gateway: Gateway,
  turns: GatewayTurns,
  ledger: Ledger,
): ServerVoice {
  let named = 1
  let taken = new Map<ChannelName, number>()
  let last: Promise<void> = Promise.resolve()

  async function say(channel: ChannelName): Promise<void> {
    await turns.settled()
    const author = `server ${named}`
    const safe = taken.get(channel) ?? 0
    const item: Item = { author, number: safe + 1, filling: '.'.repeat(LENGTH) }
    ledger.published(channel, author, item.number, safe)
    try {
      await gateway.publish(channel, item)
      taken.set(channel, item.number)
      ledger.published(channel, author, item.number)
    } catch {
      named += 1
      taken = new Map()
    }
  }

  return {
    publish(channel, count) {
      for (let left = count; left > 0; left--) last = last.then(() => say(channel))
    },
    settled: () => last,
  }
}
