/**
 * Owns the events that no consumer could handle (P8): why, how often it was tried, and for how long
 * they are remembered. They wait for a person, in every tab the same.
 *
 * Bounded by number and by text: the oldest goes (P14). It does not write: every change comes back as
 * what the disk has to do, so that it can share a transaction with the position.
 */
import type { News, ParkedEvent } from '../../../protocol/port.js'
import type { Change } from '../../storage/store.js'

export type ParkedNews = Extract<News, { kind: 'parked' }>

export interface ParkedEvents {
  get(key: string): ParkedEvent | undefined
  /** Also in the place of the same event, parked before. */
  put(parked: Omit<ParkedEvent, 'key' | 'n'>): readonly Change[]
  /** Nothing, if there is no such event. */
  delete(key: string): readonly Change[]
  whole(): ParkedNews
  all(): Iterable<ParkedEvent>
}

const KEPT = 1_000
const KEPT_CHARACTERS = 4 * 1024 * 1024

/** The same event of the same consumer has the same key, whoever parks it. */
const keyOf = ({ channel, name, cursor }: Omit<ParkedEvent, 'key' | 'n'>): string =>
  JSON.stringify([channel, name, cursor.epoch, cursor.id])

export function createParkedEvents(
  loaded: readonly ParkedEvent[],
  onChange: (news: ParkedNews) => void,
): ParkedEvents {
  const known = new Map(loaded.map((one) => [one.key, one]))
  let nextN = 1 + Math.max(0, ...loaded.map(({ n }) => n))
  let characters = loaded.reduce((sum, { payload }) => sum + payload.length, 0)

  function drop(key: string): boolean {
    characters -= known.get(key)?.payload.length ?? 0
    return known.delete(key)
  }

  function tell(put: readonly ParkedEvent[], removed: readonly string[]): void {
    onChange({ kind: 'parked', whole: false, put, removed })
  }

  return {
    get: (key) => known.get(key),
    put(event) {
      const key = keyOf(event)
      const n = known.get(key)?.n ?? nextN++
      const parked = { ...event, key, n }
      characters += parked.payload.length - (known.get(key)?.payload.length ?? 0)
      // Behind the others: what has just failed is not what goes.
      known.delete(key)
      known.set(key, parked)
      const removed: string[] = []
      for (const one of known.values()) {
        const isFull = known.size > KEPT || (characters > KEPT_CHARACTERS && known.size > 1)
        if (!isFull) break
        drop(one.key)
        removed.push(one.key)
      }
      tell([parked], removed)
      return [
        ...removed.map((gone): Change => ({ type: 'delete-parked', key: gone })),
        { type: 'put-parked', parked },
      ]
    },
    delete(key) {
      if (!drop(key)) return []
      tell([], [key])
      return [{ type: 'delete-parked', key }]
    },
    whole: () => ({ kind: 'parked', whole: true, put: [...known.values()], removed: [] }),
    all: () => known.values(),
  }
}
