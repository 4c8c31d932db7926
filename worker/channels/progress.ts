/**
 * Owns how far the events of one channel have come, as two marks that are not the same: what somebody has
 * taken occupies credit no longer (P14), and what somebody has *heard* counts as seen by this origin and
 * goes to disk (P7, F21). An unheard reader moves the first mark and never the second.
 *
 * What the disk knows is not taken back. Ids cannot be compared, so something is known to be later
 * than it in two ways only: it follows on it directly, or the ring has passed it before.
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import type { Ring } from './ring.js'

/** Events that somebody has taken, without a hole. */
export interface Run {
  /** What precedes the first. */
  readonly after: EventId | undefined
  readonly ids: readonly EventId[]
  /** The payloads, joined. */
  readonly payloads: string
}

export interface Progress {
  /** Events that occupy credit. */
  readonly unseen: number
  /** Events that occupied credit and do no longer, ever. */
  readonly freed: number
  /** A reader has taken everything up to this place of the ring; undefined: it is not there yet. */
  took(place: number | undefined): void
  /** So has one who counts; without a run it was told that events are missing. */
  saw(place: number | undefined, at: Cursor, run?: Run): void
  /** One who counts was told that it begins at this place: the origin's first position. */
  began(place: number, at: Cursor): void
  /** What comes next is new to everybody. */
  resumed(): void
  /** The channel begins behind what the disk knows, perhaps: it will pass there. */
  beganBehind(): void
  /** The event has just come into the ring; `isPresent`: with it a replay is over. */
  passed(id: EventId, isPresent: boolean): void
  /** Another ring begins, behind a gap. */
  restarted(): void
  free(): void
}

export interface ProgressOptions {
  readonly ring: Ring
  /** What this origin has seen of the channel. */
  last(): Cursor | undefined
  /** Whether anybody stands in the ring. */
  isRead(): boolean
  onFreed(events: number): void
  onSeen(at: Cursor, run?: Run): void
}

export function createProgress({ ring, last, ...options }: ProgressOptions): Progress {
  let taken = 0
  let freed = 0
  let seen = 0
  /** From which place on everything is later than what the disk knows. */
  let recordFrom = 0
  /** What the disk knows came by a page; the ring has yet to pass it. */
  let isOvertaken = false

  function free(): void {
    // What nobody is there to read is nobody's to take.
    const upTo = options.isRead() ? Math.max(taken, ring.tail) : ring.head
    if (upTo <= freed) return
    options.onFreed(upTo - freed)
    freed = upTo
  }

  function saw(place: number | undefined, at: Cursor, run?: Run): void {
    const known = last()
    const isNext = run !== undefined && known?.epoch === at.epoch && known.id === run.after
    if (isNext) {
      isOvertaken = place === undefined
      recordFrom = place === undefined ? Infinity : Math.min(recordFrom, place)
    }
    const isAhead = place !== undefined && place > seen
    if (isAhead) seen = place
    if (isNext || (isAhead && place >= recordFrom)) options.onSeen(at, run)
  }

  return {
    get unseen() {
      return ring.head - freed
    },
    get freed() {
      return freed
    },
    took(place = 0) {
      taken = Math.max(taken, place)
    },
    saw,
    began(place, at) {
      if (last()) return
      // Somebody who begins further back is not to take it back (F21).
      seen = Math.max(seen, place)
      options.onSeen(at)
    },
    resumed() {
      recordFrom = Math.min(recordFrom, ring.head)
    },
    beganBehind() {
      recordFrom = Infinity
    },
    passed(id, isPresent) {
      const isThere = id === last()?.id || (isPresent && !isOvertaken)
      if (recordFrom === Infinity && isThere) recordFrom = ring.head
    },
    restarted() {
      recordFrom = 0
    },
    free,
  }
}
