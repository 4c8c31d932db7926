/**
 * Owns which channels have subscribers here: a feed is opened for the first and closed after the
 * last. It knows channels by name only, and nothing of connections.
 */
import type { Log } from '../log/log.js'
import { type Feed, type FeedLimits, type HeldFeed, openFeed } from './feed.js'

export interface Hub {
  /** The caller gives the lease back when it is done. */
  lease(channel: string): Promise<Lease>
  /** Channels with a subscriber, and their subscribers. */
  stats(): { readonly channels: number; readonly subscribers: number }
  close(): void
}

export interface Lease {
  readonly feed: Feed
  end(): void
}

interface Slot {
  readonly opening: Promise<HeldFeed>
  feed?: HeldFeed
  leases: number
}

export function createHub(log: Log, limits: FeedLimits, onEvents: (count: number) => void): Hub {
  const slots = new Map<string, Slot>()

  function drop(channel: string, slot: Slot): void {
    if (slots.get(channel) === slot) slots.delete(channel)
    slot.feed?.close()
  }

  function slotOf(channel: string): Slot {
    const known = slots.get(channel)
    if (known) return known
    const slot: Slot = { opening: openFeed(log, channel, limits, onEvents), leases: 0 }
    slots.set(channel, slot)
    return slot
  }

  return {
    async lease(channel) {
      const slot = slotOf(channel)
      slot.leases += 1
      let isOver = false
      const end = (): void => {
        if (isOver) return
        isOver = true
        slot.leases -= 1
        if (slot.leases === 0) drop(channel, slot)
      }
      try {
        slot.feed = await slot.opening
        return { feed: slot.feed, end }
      } catch (error) {
        end()
        throw error
      }
    },
    stats() {
      let subscribers = 0
      for (const { feed } of slots.values()) subscribers += feed?.size ?? 0
      return { channels: slots.size, subscribers }
    },
    close() {
      for (const [channel, slot] of [...slots]) drop(channel, slot)
    },
  }
}
