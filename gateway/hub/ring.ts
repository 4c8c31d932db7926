/**
 * Owns the recent events of one channel in memory: one run without a hole up to the head, bounded in
 * events and characters (P14). It answers a catch-up without touching the log, or says it cannot.
 */
import type { Epoch, EventId } from '../../protocol/ids.js'
import type { LoggedEvent, Stretch } from '../log/log.js'

export interface Ring {
  readonly epoch: Epoch
  readonly head: EventId
  /** Follows the head. What does not join it begins a new run. */
  push(stretch: Stretch): void
  /** The events after a position that the ring reaches back to; else undefined. */
  after(epoch: Epoch, id: EventId, limit: number): readonly LoggedEvent[] | undefined
}

export interface RingLimits {
  readonly ringEvents: number
  readonly ringChars: number
}

export function createRing(start: Stretch, limits: RingLimits): Ring {
  let epoch = start.epoch
  let head = start.after
  let events: LoggedEvent[] = []
  /** The absolute number of `events[0]`, and of the position that each id stands for. */
  let offset = 0
  let positions = new Map<EventId, number>([[head, 0]])
  let chars = 0

  function push(stretch: Stretch): void {
    if (stretch.epoch !== epoch || stretch.after !== head) {
      epoch = stretch.epoch
      events = []
      offset = 0
      chars = 0
      positions = new Map([[stretch.after, 0]])
    }
    for (const event of stretch.events) {
      events.push(event)
      chars += event[1].length
      positions.set(event[0], offset + events.length)
    }
    head = stretch.events.at(-1)?.[0] ?? stretch.after
    shrink()
  }

  function shrink(): void {
    let drop = 0
    while (
      events.length - drop > 0 &&
      (events.length - drop > limits.ringEvents || chars > limits.ringChars)
    ) {
      chars -= events[drop]?.[1].length ?? 0
      drop += 1
    }
    if (!drop) return
    // The position before the first kept event stays known; the older ones go.
    for (const [id, at] of positions) {
      if (at >= offset + drop) break
      positions.delete(id)
    }
    events.splice(0, drop)
    offset += drop
  }

  push(start)

  return {
    get epoch() {
      return epoch
    },
    get head() {
      return head
    },
    push,
    after(wanted, id, limit) {
      const at = wanted === epoch ? positions.get(id) : undefined
      return at === undefined ? undefined : events.slice(at - offset, at - offset + limit)
    },
  }
}
