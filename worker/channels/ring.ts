/**
 * Owns the recent events of one channel, so that tabs which are late or slow can be served from
 * here, each from its own place (P6). Places count from zero and never come back; they are local.
 *
 * Bounded (P14): what every tab has seen is kept up to `KEPT` events, what somebody still needs up to
 * the maxima. Whoever falls out of the ring is told of a gap.
 */
import type { EventId } from '../../protocol/ids.js'
import { SEPARATOR } from '../../protocol/port.js'

export interface Ring {
  /** The oldest place that is still here. */
  readonly tail: number
  /** The place that the next event will have. */
  readonly head: number
  push(id: EventId, payload: string): void
  /** The place after the event of that id, also after the one before the oldest here, or undefined. */
  placeAfter(id: EventId): number | undefined
  /** The id of the event before that place, if it is known here. */
  idBefore(place: number): EventId | undefined
  /** How far a batch from that place may reach within these bounds: at least one event. */
  reach(from: number, events: number, characters: number): number
  ids(from: number, to: number): readonly EventId[]
  /** The payloads, joined. The last answer is remembered: all tabs ask the same. */
  payloads(from: number, to: number): string
  /** `needed`: the earliest place that somebody still waits for. */
  trim(needed: number): void
  /** Empties it; what comes next follows on the event of that id. */
  clear(before: EventId): void
}

export const RING_EVENTS = 32_768
const RING_CHARACTERS = 16 * 1024 * 1024
const KEPT = 512

/** No JSON has the separator in it; as nothing it still is none, and spoils no neighbour. */
export const textOf = (payload: string): string => (payload.includes(SEPARATOR) ? '' : payload)

export function createRing(): Ring {
  let tail = 0
  let ids: EventId[] = []
  let texts: string[] = []
  let before: EventId | undefined
  let characters = 0
  let joined = { from: -1, to: -1, text: '' }

  const head = (): number => tail + ids.length

  function drop(count: number): void {
    for (let i = 0; i < count; i++) characters -= texts[i]?.length ?? 0
    before = ids[count - 1] ?? before
    ids = ids.slice(count)
    texts = texts.slice(count)
    tail += count
  }

  return {
    get tail() {
      return tail
    },
    get head() {
      return head()
    },
    push(id, payload) {
      const text = textOf(payload)
      ids.push(id)
      texts.push(text)
      characters += text.length
      // A quarter at a time: dropping one by one would copy the rest for every event.
      if (ids.length > RING_EVENTS || (characters > RING_CHARACTERS && ids.length > 1)) {
        drop(Math.ceil(ids.length / 4))
      }
    },
    placeAfter(id) {
      const index = ids.lastIndexOf(id)
      if (index >= 0) return tail + index + 1
      return id === before ? tail : undefined
    },
    idBefore: (place) => (place === tail ? before : ids[place - tail - 1]),
    reach(from, maxEvents, maxCharacters) {
      const end = Math.min(head(), from + maxEvents)
      let size = 0
      for (let place = from; place < end; place++) {
        size += texts[place - tail]?.length ?? 0
        if (size > maxCharacters) return Math.max(place, from + 1)
      }
      return end
    },
    ids: (from, to) => ids.slice(from - tail, to - tail),
    payloads(from, to) {
      if (joined.from !== from || joined.to !== to) {
        joined = { from, to, text: texts.slice(from - tail, to - tail).join(SEPARATOR) }
      }
      return joined.text
    },
    trim(needed) {
      const unneeded = Math.min(needed, head() - KEPT) - tail
      if (unneeded > KEPT) drop(unneeded)
      if (joined.to <= tail) joined = { from: -1, to: -1, text: '' }
    },
    clear(id) {
      drop(ids.length)
      before = id
      joined = { from: -1, to: -1, text: '' }
    },
  }
}
