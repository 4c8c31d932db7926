/**
 * Owns what a channel keeps after a broker that lived in memory has moved to its disk (P6). Pure.
 *
 * Kept events end at the cursor of their channel. Where that comes from memory they do too, with
 * numbers behind those on the disk; where it has not moved the longer list stays. The two are never
 * joined: nobody knows what came between them.
 */
import { isSame } from './is-same.js'
import { dropEvents, historiesIn } from './kept-events.js'
import type { Change, History, Loaded } from './store.js'

export interface UnpackedHistories {
  readonly histories: Loaded['histories']
  readonly changes: readonly Change[]
}

const NONE: History = { limit: 0, events: [] }

export function unpackHistories(found: Loaded, luggage: readonly Change[]): UnpackedHistories {
  const brought = historiesIn(luggage)
  const moved = new Set<string>()
  for (const change of luggage) {
    if (change.type !== 'put-cursor') continue
    const { channel, cursor } = change
    if (!isSame(found.cursors.get(channel), cursor)) moved.add(channel)
  }
  const histories = new Map<string, History>()
  const changes: Change[] = []
  for (const channel of new Set([...found.histories.keys(), ...brought.keys()])) {
    const onDisk = found.histories.get(channel) ?? NONE
    const ours = brought.get(channel) ?? NONE
    const limit = Math.max(onDisk.limit, ours.limit)
    if (limit !== onDisk.limit) changes.push({ type: 'put-history', channel, limit })
    let { events } = onDisk
    if (moved.has(channel) || ours.events.length > events.length) {
      const next = (events.at(-1)?.n ?? 0) + 1
      if (events.length) changes.push(dropEvents(channel, next))
      events = ours.events.map((event, index) => ({ ...event, n: next + index }))
      if (events.length) changes.push({ type: 'put-events', channel, events })
    }
    histories.set(channel, { limit, events })
  }
  return { histories, changes }
}
