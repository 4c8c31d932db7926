/**
 * Owns the way from the kept events on the disk to those that should be there (P6). Pure.
 *
 * A list loses its oldest and gains newer ones, so most of it is there already. One that reaches
 * further than ours has grown without us: nothing of it stays.
 */
import { isSame } from './is-same.js'
import { dropEvents, historiesIn } from './kept-events.js'
import type { Change, KeptEvent, Loaded } from './store.js'

/** The deletions come first. */
export function historyDifference(
  onDisk: Loaded['histories'],
  changes: readonly Change[],
): readonly Change[] {
  const wanted = historiesIn(changes)
  const deletions: Change[] = []
  const puts: Change[] = []
  for (const channel of onDisk.keys()) {
    if (!wanted.has(channel)) deletions.push({ type: 'delete-history', channel })
  }
  for (const [channel, { limit, events }] of wanted) {
    const found = onDisk.get(channel)
    const there = found?.events ?? []
    const below = outdated(there, events)
    if (there.some(({ n }) => n < below)) deletions.push(dropEvents(channel, below))
    if (found?.limit !== limit) puts.push({ type: 'put-history', channel, limit })
    const kept = new Map(there.filter(({ n }) => n >= below).map((event) => [event.n, event]))
    const missing = events.filter((event) => !isSame(event, kept.get(event.n)))
    if (missing.length) puts.push({ type: 'put-events', channel, events: missing })
  }
  return [...deletions, ...puts]
}

/** What has a smaller number goes. */
function outdated(there: readonly KeptEvent[], wanted: readonly KeptEvent[]): number {
  const [first, last] = [wanted[0], wanted.at(-1)]
  const isOurs = first && last && !there.some(({ n }) => n > last.n)
  return isOurs ? first.n : Number.POSITIVE_INFINITY
}
