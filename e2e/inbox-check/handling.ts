/**
 * Owns the judgement of one consumer (P8): whoever handles its events, each of them is begun in the order
 * of the channel, is done with or parked before the next one begins, and is begun again only where
 * it has failed or where somebody may have been interrupted. Pure.
 */
import { ATTEMPTS_MAX, type Attempted, type Turn } from './story.js'
import type { Timeline } from './timeline.js'

export type HandlingFault =
  | 'stranger'
  | 'distorted'
  /** Begun again though nobody failed and nobody was interrupted. */
  | 'begun-again'
  /** Begun when later ones had been. */
  | 'disorder'
  /** The next one was begun while this one was neither done with nor parked. */
  | 'passed-over'
  /** Something in between was not begun, and no gap was told. */
  | 'not-begun'
  /** Tried more often than anybody wanted. */
  | 'too-often'
  | 'false-gap'
  /** In the end it had not handled everything. */
  | 'unhandled'
  /** What was given up does not lie parked, or what lies there was not given up. */
  | 'not-parked'
  | 'false-parking'

export interface Handling {
  hear(tab: string, turn: Turn, atMs?: number): void
  /** Somebody went, or the worker did: whoever was at work, and whatever it said last, may not count. */
  interrupted(atMs?: number): void
  /** This tab goes, and all that it still does may be for nothing. */
  goes(tab: string): void
  back(tab: string, atMs?: number): void
  /** It is over. With somebody who consumes it has to have reached the head. */
  ended(isConsumed: boolean, parked: readonly string[]): void
}

export interface HandlingOptions {
  readonly timeline: Timeline
  readonly trimmedTo: number
  onFault(what: HandlingFault, why: string): void
}

interface Attempt {
  readonly id: string
  readonly place: number
  readonly tab: string
  /** How often it was handed out by this worker, whether we saw it or not. */
  readonly attempt: number
  /** How often it had failed before, for certain, in the hands of this worker. */
  readonly failures: number
  state: 'open' | 'done' | 'failed'
  isDoubtful: boolean
}

/** So long after a worker's end a tab may begin what it was handed by it. */
const UNDER_WAY_MS = 250

export function createHandling({ timeline, trimmedTo, onFault }: HandlingOptions): Handling {
  const { placeOf, historyAt } = timeline
  const gone = new Set<string>()
  let interruptedAt = -Infinity
  /** When tabs came back: what they find then may be an ended worker's. */
  const woken = new Map<string, number>()
  /** What has to lie parked, and what may. */
  const givenUp = new Set<string>()
  const doubtful = new Set<string>()
  /** The event before this place is the last that was begun, or the end of a gap. */
  let place: number | undefined
  /** From where a new worker begins at the earliest: behind it, nothing need be on disk. */
  let certain: number | undefined
  let current: Attempt | undefined
  let wasInterrupted = false
  /** Whoever told the last gap may have gone before its end was on disk: the next one begins before it. */
  let isGapDoubtful = false

  const failuresOf = ({ failures, state, isDoubtful }: Attempt): number =>
    failures + (state === 'failed' && !isDoubtful ? 1 : 0)

  /** A death counts as a failure, a goodbye does not, and a new worker counts anew. */
  function mayBeGivenUp({ state, attempt, isDoubtful }: Attempt): boolean {
    return attempt >= ATTEMPTS_MAX && (state === 'failed' || isDoubtful)
  }

  function leave(attempt: Attempt): void {
    if (attempt.state === 'done' && !attempt.isDoubtful) return
    if (failuresOf(attempt) >= ATTEMPTS_MAX) givenUp.add(attempt.id)
    else if (mayBeGivenUp(attempt)) doubtful.add(attempt.id)
    else if (attempt.state !== 'done') {
      onFault('passed-over', `event ${attempt.id} is ${attempt.state}, attempt ${attempt.attempt}`)
    }
  }

  /** Where whoever handed out the next one stood. */
  const earliest = (): number | undefined => (wasInterrupted ? certain : place)

  /** A gap is told to one tab, and may have gone with it. */
  function mayBeLost(to: number): boolean {
    const from = earliest() ?? 0
    return wasInterrupted && (from < trimmedTo || historyAt(from) < historyAt(to))
  }

  /** It may have been handed out by a worker that is no more, or may go with its tab. */
  function isInDoubt(tab: string, atMs: number): boolean {
    const lastAt = Math.max(interruptedAt, woken.get(tab) ?? -Infinity)
    return gone.has(tab) || atMs - lastAt <= UNDER_WAY_MS
  }

  function begin(tab: string, { id, payload, attempt }: Attempted, atMs: number): void {
    const next = placeOf(id)
    const entry = next === undefined ? undefined : timeline.entryAt(next)
    if (next === undefined || !entry) return onFault('stranger', `event ${id}`)
    if (JSON.stringify(entry.payload) !== JSON.stringify(payload)) {
      onFault('distorted', `event ${id} is ${JSON.stringify(payload)}`)
    }
    if (place !== undefined && next < place) {
      return onFault('disorder', `event ${id} in ${tab}, at ${place}`)
    }
    let failures = 0
    if (next === place && current) {
      if (attempt > current.attempt) failures = failuresOf(current)
      if (failures >= ATTEMPTS_MAX) onFault('too-often', `event ${id}, attempt ${attempt}`)
      const isOwed = current.state === 'failed' || current.isDoubtful
      if (!isOwed)
        onFault('begun-again', `event ${id} in ${tab}, ${current.state} in ${current.tab}`)
    } else if (place !== undefined) {
      const isLost = next > place + 1 && mayBeLost(next)
      if (current && !isLost) leave(current)
      if (next > place + 1 && !isLost) onFault('not-begun', `event ${id} in ${tab}, at ${place}`)
    }
    place = next
    certain = next - 1
    const isDoubtful = isInDoubt(tab, atMs)
    current = { id, place: next, tab, attempt, failures, state: 'open', isDoubtful }
    wasInterrupted = isDoubtful
    isGapDoubtful = false
  }

  function settle(tab: string, { fact, id, attempt }: Attempted): void {
    const isCurrent = current?.tab === tab && current.id === id && current.attempt === attempt
    if (isCurrent && current) current.state = fact === 'done' ? 'done' : 'failed'
  }

  return {
    hear(tab, turn, atMs = Infinity) {
      switch (turn.fact) {
        case 'consuming':
          return
        case 'begun':
          return begin(tab, turn, atMs)
        case 'done':
        case 'failed':
          return settle(tab, turn)
        case 'skipped': {
          const to = placeOf(turn.id)
          const about = `${turn.reason} from ${place ?? 'somewhere'} to ${turn.id}`
          if (to === undefined) return onFault('stranger', about)
          const from = isGapDoubtful ? certain : place
          const isLess = from !== undefined && to < from
          const isUntrue = turn.reason === 'trimmed' && (earliest() ?? -1) >= trimmedTo
          if (isLess || isUntrue) onFault('false-gap', about)
          // What was in hand when its worker went may be in the gap; what failed for good lies parked.
          if (current && (!current.isDoubtful || mayBeGivenUp(current))) leave(current)
          place = Math.max(from ?? 0, to)
          current = undefined
          isGapDoubtful = isInDoubt(tab, atMs)
        }
      }
    },
    interrupted(atMs = -Infinity) {
      interruptedAt = atMs
      wasInterrupted = true
      if (current) current.isDoubtful = true
      else isGapDoubtful = true
    },
    goes(tab) {
      gone.add(tab)
      if (current?.tab !== tab) return
      wasInterrupted = true
      current.isDoubtful = true
    },
    back(tab, atMs = -Infinity) {
      gone.delete(tab)
      woken.set(tab, atMs)
    },
    ended(isConsumed, parked) {
      if (current && mayBeGivenUp(current)) leave(current)
      const isOver = !current || current.state === 'done' || mayBeGivenUp(current)
      const isThere = place === timeline.head
      if (isConsumed && !(isThere && isOver)) {
        onFault(
          'unhandled',
          `at ${place ?? 'nowhere'} of ${timeline.head}, ${current?.state ?? 'nothing begun'}`,
        )
      }
      for (const id of givenUp) if (!parked.includes(id)) onFault('not-parked', `event ${id}`)
      for (const id of parked) {
        if (!givenUp.has(id) && !doubtful.has(id)) onFault('false-parking', `event ${id}`)
      }
    },
  }
}
