/**
 * Owns what makes rows of events the history of a channel (P6, P7): one epoch, no hole, and the cursor
 * of the channel at their end. Pure.
 *
 * Rows that are no such list are nobody's work, the server has them: they are not given out, and go
 * with the first write, so that nothing grows that nobody reads.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { Change, History, KeptEvent, Loaded } from './store.js'

/** A kept event on disk. */
export interface EventRow extends KeptEvent {
  readonly channel: string
}

export interface Histories {
  readonly histories: Loaded['histories']
  /** What the first write has to begin with. */
  readonly sweep: readonly Change[]
}

export function readHistories(
  limits: ReadonlyMap<string, Pick<History, 'limit'>>,
  rows: readonly EventRow[],
  cursors: Loaded['cursors'],
): Histories {
  const lists = new Map<string, KeptEvent[]>()
  for (const { channel, ...event } of [...rows].sort((a, b) => a.n - b.n)) {
    const list = lists.get(channel)
    if (list) list.push(event)
    else lists.set(channel, [event])
  }
  const histories = new Map<string, History>()
  for (const [channel, { limit }] of limits) {
    const events = lists.get(channel) ?? []
    const isHistory = isWhole(events, cursors.get(channel))
    if (isHistory) lists.delete(channel)
    histories.set(channel, { limit, events: isHistory ? events : [] })
  }
  const sweep = Array.from(lists.keys(), (channel) => dropEvents(channel))
  return { histories, sweep }
}

/** What a list of changes, made to an empty database, has the channels keep. */
export function historiesIn(changes: readonly Change[]): ReadonlyMap<string, History> {
  const lists = new Map<string, readonly KeptEvent[]>()
  const limits = new Map<string, number>()
  for (const change of changes) {
    const { type } = change
    if (type === 'put-history') limits.set(change.channel, change.limit)
    if (type === 'put-events') {
      const { channel, events } = change
      lists.set(channel, [...(lists.get(channel) ?? []), ...events])
    }
  }
  return new Map(
    Array.from(limits, ([channel, limit]) => {
      const events = lists.get(channel) ?? []
      return [channel, { limit, events }]
    }),
  )
}

/** Without `below`: all of them. */
export const dropEvents = (channel: string, below = Number.POSITIVE_INFINITY): Change => ({
  type: 'delete-events',
  channel,
  below,
})

function isWhole(events: readonly KeptEvent[], cursor: Cursor | undefined): boolean {
  const first = events[0]
  if (!first) return true
  return (
    events.at(-1)?.id === cursor?.id &&
    events.every(({ n, epoch }, index) => n === first.n + index && epoch === cursor?.epoch)
  )
}
