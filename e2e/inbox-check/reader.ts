/**
 * Owns the judgement of one subscription (P6): it goes through what it was told, knows at each point
 * what may come next, and says what should not have come. Pure.
 */
import type { Chapter } from './story.js'
import type { Timeline } from './timeline.js'

export type Fault =
  /** Told again, or told when later ones had been. */
  | 'repeat'
  /** Something in between was not told, and no gap was. */
  | 'hole'
  /** Not in the log at all. */
  | 'stranger'
  /** Not the payload that was published. */
  | 'distorted'
  /** Told while a snapshot was owed. */
  | 'early'
  | 'unasked-snapshot'
  /** A snapshot from before the end of the gap that it was fetched for. */
  | 'uncovered'
  /** A gap that ends before the place that had been reached. */
  | 'backward-gap'
  /** A gap in which nothing is missing, or that has another reason than the one that was told. */
  | 'false-gap'
  | 'after-stop'
  /** A kept event that nobody wanted, one more than was wanted, or one that came too late. */
  | 'unasked-kept'
  /** Did not go on from what this browser had seen. */
  | 'forgotten'
  /** In the end, in fair weather, it was not at the head. */
  | 'behind'

export interface Reader {
  hear(chapter: Chapter): void
  /** It still reads, and everything has been done for it to get there. */
  ended(): void
}

export interface ReaderOptions {
  readonly timeline: Timeline
  /** The place up to which the channel was ever trimmed. */
  readonly trimmedTo: number
  /** Where it has to begin at the latest, now that it does; undefined: anywhere. */
  latestStart(): number | undefined
  onFault(what: Fault, why: string): void
}

type Begun = Extract<Chapter, { fact: 'subscribed' }>

export function createReader(begun: Begun, options: ReaderOptions): Reader {
  const { timeline, trimmedTo, onFault } = options
  const { placeOf, historyAt, beginnings } = timeline
  const { from, hasSnapshot, history = 0 } = begun
  const isWhole = typeof from === 'object' && from.after === ''
  let place = typeof from === 'object' ? placeOf(from.after) : undefined
  let kept = 0
  let isLive = false
  /** A snapshot has to come, and to reach at least this far. */
  let owed: number | undefined = hasSnapshot && from === 'now' ? 0 : undefined
  /** A snapshot was of a later history: the line knows its own, and says so until it has learned of it. */
  let isAhead = false
  /** The first snapshot: only what the line says next shows whether it was. */
  let mayBeAhead = false
  let isStopped = false

  function start(at: number, first: string): void {
    if (place !== undefined) return
    if (isWhole && !beginnings.includes(at)) onFault('hole', `${first}, and nothing before it`)
    const latest = options.latestStart()
    if (latest === undefined || at <= latest) return
    onFault('forgotten', `${first}, and the browser had seen the channel up to ${latest}`)
  }

  function event(id: string, payload: unknown): void {
    const next = placeOf(id)
    const entry = next === undefined ? undefined : timeline.entryAt(next)
    if (next === undefined || !entry) return onFault('stranger', `event ${id}`)
    if (owed !== undefined) onFault('early', `event ${id} before the snapshot`)
    if (JSON.stringify(entry.payload) !== JSON.stringify(payload)) {
      onFault('distorted', `event ${id} is ${JSON.stringify(payload)}`)
    }
    start(next - 1, `event ${id} came first`)
    if (place !== undefined && next <= place) return onFault('repeat', `event ${id} at ${place}`)
    if (place !== undefined && next > place + 1) onFault('hole', `event ${id} at ${place}`)
    place = next
    isAhead = mayBeAhead = false
  }

  function gap(id: string, reason: Extract<Chapter, { fact: 'gap' }>['reason']): void {
    const to = placeOf(id)
    if (to === undefined) return onFault('stranger', `gap to ${id}`)
    const about = `${reason} from ${place ?? 'somewhere'} to ${to}`
    // The line may be in any history before that of the snapshot.
    const isLater = place !== undefined && historyAt(place) > 0
    const isNews = reason === 'epoch' && (isAhead || (mayBeAhead && isLater))
    const isOther = isNews || place === undefined || historyAt(place) < historyAt(to)
    if (reason === 'ahead' || (reason === 'epoch' && !isOther)) onFault('false-gap', about)
    else if (place !== undefined && to < place && !isNews) onFault('backward-gap', about)
    else if (place === to && !isNews) onFault('false-gap', `${about}: nothing is missing`)
    else if (reason === 'trimmed' && place !== undefined && place >= trimmedTo) {
      onFault('false-gap', `${about}: trimmed was only up to ${trimmedTo}`)
    }
    place = to
    isAhead = mayBeAhead = false
    if (hasSnapshot) owed = Math.max(owed ?? 0, to)
  }

  /** A browser that knows nothing of the channel has nothing to go on from: it begins with a snapshot. */
  const isFirstVisit = (): boolean => hasSnapshot && from === 'last' && place === undefined

  function snapshot(at: string): void {
    const to = placeOf(at)
    if (to === undefined) return onFault('stranger', `snapshot at ${at}`)
    if (owed === undefined && !isFirstVisit()) onFault('unasked-snapshot', `at ${at}`)
    else if (owed === undefined) start(to, `a snapshot at ${at}`)
    else if (to < owed) onFault('uncovered', `at ${at}, the gap was up to ${owed}`)
    isAhead = place !== undefined && historyAt(place) < historyAt(to)
    mayBeAhead = place === undefined
    place = to
    owed = undefined
  }

  function tellKept(id: string): void {
    kept += 1
    if (kept > history) onFault('unasked-kept', `event ${id} is the ${kept}. of ${history}`)
    else if (isLive) onFault('unasked-kept', `event ${id} after others`)
  }

  return {
    hear(chapter) {
      if (isStopped) return onFault('after-stop', chapter.fact)
      if (chapter.fact === 'event' && chapter.isKept) tellKept(chapter.id)
      else if (chapter.fact !== 'placed') isLive = chapter.fact !== 'subscribed'
      switch (chapter.fact) {
        case 'subscribed':
          return
        case 'placed': {
          const at = placeOf(chapter.id)
          if (at === undefined) return onFault('stranger', `placed at ${chapter.id}`)
          start(at, `it was placed at ${at}`)
          place ??= at
          return
        }
        case 'event':
          return event(chapter.id, chapter.payload)
        case 'gap':
          return gap(chapter.id, chapter.reason)
        case 'snapshot':
          return snapshot(chapter.at)
        case 'stopped':
          isStopped = true
      }
    },
    ended() {
      if (isStopped) return
      if (owed !== undefined) onFault('behind', 'it still waits for a snapshot')
      else if (place !== timeline.head) {
        onFault('behind', `at ${place ?? 'nowhere'} of ${timeline.head}`)
      }
    },
  }
}
