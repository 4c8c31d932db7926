/**
 * Owns the memory of how operations ended (P5): a tab that missed an outcome, or a lifeboat that was
 * not emptied in time, hands over what is over already, and is told how it ended instead of starting
 * it a second time.
 *
 * Bounded by number, by age and by the text of the results: the oldest goes (P14). Beyond it the
 * server's own memory of keys is what keeps an effect from happening twice.
 */
import type { Key } from '../../protocol/ids.js'
import type { Outcome } from '../../protocol/port.js'
import type { Clock } from '../clock.js'
import type { Change } from '../storage/store.js'
import type { Settled } from './operation.js'

export interface SettledMemory {
  outcomeOf(key: Key): Outcome | undefined
  /** Remembers it; returns what the disk has to do for that. */
  remember(outcome: Outcome): readonly Change[]
  /** The same key begins a new life. */
  forget(key: Key): void
  all(): Iterable<Settled>
}

const KEPT = 1_000
const KEPT_MS = 7 * 24 * 60 * 60_000
const KEPT_CHARACTERS = 1024 * 1024

const sizeOf = ({ outcome }: Settled): number =>
  'result' in outcome ? (outcome.result?.length ?? 0) : 0

export function createSettledMemory(clock: Clock, loaded: readonly Settled[]): SettledMemory {
  const known = new Map<Key, Settled>()
  let nextN = 1
  let characters = 0

  function put(settled: Settled): void {
    drop(settled.key)
    known.set(settled.key, settled)
    characters += sizeOf(settled)
    nextN = Math.max(nextN, settled.n + 1)
  }

  function drop(key: Key): void {
    const settled = known.get(key)
    if (!settled) return
    known.delete(key)
    characters -= sizeOf(settled)
  }

  for (const settled of loaded) put(settled)

  return {
    outcomeOf: (key) => known.get(key)?.outcome,
    remember(outcome) {
      const { key } = outcome
      const settled = { key, n: nextN, at: clock.wall(), outcome }
      put(settled)
      const changes: Change[] = [{ type: 'put-settled', settled }]
      for (const one of known.values()) {
        const isOver = clock.wall() - one.at > KEPT_MS
        if (known.size <= KEPT && characters <= KEPT_CHARACTERS && !isOver) break
        drop(one.key)
        changes.push({ type: 'delete-settled', key: one.key })
      }
      return changes
    },
    forget: drop,
    all: () => known.values(),
  }
}
