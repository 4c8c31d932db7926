/**
 * Owns one channel with subscribers: its ring, its members, its place in the log. It tells members
 * of each batch and answers their catch-ups; who can take what is the member's business.
 *
 * It listens first and reads then (F38), so between its head and what it announces there is no hole.
 * If the log's own feed ever skips, members notice by `after` and catch up from the log: P6 does not
 * depend on the fan-out.
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import type { Log, Page, Position, Stretch } from '../log/log.js'
import { type Batch, type BatchLimits, batchesOf } from './batch.js'
import { createRing, type Ring, type RingLimits } from './ring.js'

export interface Feed {
  readonly channel: string
  readonly head: Cursor
  join(member: Member): () => void
  read(from: Position, limit: number): Promise<Page>
}

export type Member = (batch: Batch) => void
export type FeedLimits = BatchLimits & RingLimits

/** A feed as its hub holds it. */
export interface HeldFeed extends Feed {
  readonly size: number
  close(): void
}

export async function openFeed(
  log: Log,
  channel: string,
  limits: FeedLimits,
  onEvents: (count: number) => void,
): Promise<HeldFeed> {
  const members = new Set<Member>()
  let early: Stretch[] | undefined = []
  let ring: Ring | undefined

  const stop = await log.follow(channel, (stretch) => {
    if (early) early.push(stretch)
    else take(stretch)
  })

  function take(stretch: Stretch): void {
    onEvents(stretch.events.length)
    for (const batch of batchesOf(stretch, limits)) {
      ring?.push(batch)
      for (const member of [...members]) member(batch)
    }
  }

  try {
    ring = createRing(await log.tail(channel, limits.ringEvents, limits.ringChars), limits)
  } catch (error) {
    stop()
    throw error
  }
  const known = ring
  for (const stretch of early) {
    const missed = beyond(stretch, known)
    if (missed) take(missed)
  }
  early = undefined

  return {
    channel,
    get head() {
      return { epoch: known.epoch, id: known.head }
    },
    get size() {
      return members.size
    },
    join(member) {
      members.add(member)
      return () => void members.delete(member)
    },
    async read(from, limit) {
      const epoch = from.epoch ?? known.epoch
      const events = known.after(epoch, from.id, limit)
      if (events) return { state: 'events', channel, epoch, after: from.id, events }
      return log.read(channel, from, limit, limits.frameChars)
    },
    close: stop,
  }
}

/** What a stretch heard while the tail was read has beyond that tail. */
function beyond(stretch: Stretch, ring: Ring): Stretch | undefined {
  if (stretch.epoch !== ring.epoch || stretch.after === ring.head) return stretch
  const at = stretch.events.findIndex(([id]) => id === ring.head)
  if (at >= 0) {
    const events = stretch.events.slice(at + 1)
    return events.length ? { ...stretch, after: ring.head, events } : undefined
  }
  const last = stretch.events.at(-1)?.[0] as EventId
  return ring.after(ring.epoch, last, 1) ? undefined : stretch
}
