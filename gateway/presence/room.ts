/**
 * Owns the presence of one channel: who is shown, who is told, and what has been told so far. Changes
 * of one turn travel together, and in a busy room those of a short while; a newcomer is told the whole
 * list in the same breath, so nobody hears of a change to what it does not know.
 *
 * A watcher that has no room for it now is told the whole list later: nothing piles up (P14, F44).
 */
import type { Clock } from '../environment.js'
import { type Change, type FrameLimits, presenceMessages, type Shown } from './presence-frames.js'

/** Who is here: one client, over one of its connections. */
export interface Holder {
  /** The client's name in this process; nobody else learns it. */
  readonly author: string
  /** What others call it. */
  readonly member: string
  readonly identity: string
}

export interface Watcher {
  /** False: nothing may be told now; the room comes back to it. */
  hasRoom(): boolean
  /** Whole WebSocket messages. */
  tell(messages: readonly string[]): void
}

export interface RoomLimits extends FrameLimits {
  /** So many are shown; the others wait for a place, in the order of their coming. */
  readonly members: number
  /** How far apart changes are told at least. */
  readonly presenceMs: number
}

export interface Room {
  /** Takes the seat of an older connection of the same client. */
  sit(holder: Holder, state: string): void
  /** The seat stays as it is, and is this connection's from now on. */
  adopt(holder: Holder): void
  /** Leaves; with a holder, only if the seat is still that one's. */
  stand(author: string, holder?: Holder): void
  watch(watcher: Watcher): void
  unwatch(watcher: Watcher): void
  readonly members: number
  readonly watchers: number
  close(): void
}

interface Seat {
  readonly member: string
  readonly identity: string
  holder: Holder
  state: string
}

/** How soon a watcher that had no room for it is tried again. */
const AGAIN_MS = 1_000

export function createRoom(channel: string, clock: Clock, limits: RoomLimits): Room {
  const seats = new Map<string, Seat>()
  const shown = new Map<string, Seat>()
  const hidden = new Set<Seat>()
  /** Whether each has been told the whole list. */
  const watchers = new Map<Watcher, boolean>()
  /** Members whose state the watchers do not know yet, or that have left. */
  let changed = new Set<string>()
  /** Members that watchers know of. */
  const told = new Set<string>()
  let toldAt = -Infinity
  let stopTimer: (() => void) | undefined
  let stopAgain: (() => void) | undefined
  let isDue = false
  let isClosed = false

  function schedule(): void {
    const wait = toldAt + limits.presenceMs - clock.now()
    if (wait > 0) {
      stopTimer ??= clock.after(wait, due)
    } else if (!isDue) {
      isDue = true
      queueMicrotask(due)
    }
  }

  function due(): void {
    stopTimer?.()
    stopAgain?.()
    stopTimer = undefined
    stopAgain = undefined
    isDue = false
    if (!isClosed) tell()
  }

  function tell(): void {
    const members = [...changed].flatMap((member) => shownAs(shown.get(member)))
    const left = [...changed].filter((member) => !shown.has(member) && told.has(member))
    for (const { member } of members) told.add(member)
    for (const member of left) told.delete(member)
    changed = new Set()
    let news: string[] | undefined
    let whole: string[] | undefined
    let isOwing = false
    for (const [watcher, knows] of watchers) {
      if (knows && !members.length && !left.length) continue
      if (!watcher.hasRoom()) {
        watchers.set(watcher, false)
        isOwing = true
        continue
      }
      watchers.set(watcher, true)
      toldAt = clock.now()
      if (knows) news ??= textOf({ whole: false, members, left })
      else whole ??= textOf({ whole: true, members: everybody(), left: [] })
      // It may leave over what it is told.
      watcher.tell((knows ? news : whole) ?? [])
    }
    if (isOwing && !isClosed) stopAgain = clock.after(AGAIN_MS, due)
  }

  const textOf = (change: Change): string[] => presenceMessages(channel, change, limits)
  const everybody = (): Shown[] => [...shown.values()].flatMap(shownAs)

  function note(member: string): void {
    changed.add(member)
    schedule()
  }

  function show(seat: Seat): void {
    shown.set(seat.member, seat)
    note(seat.member)
  }

  function remove(author: string, seat: Seat): void {
    seats.delete(author)
    if (hidden.delete(seat)) return
    shown.delete(seat.member)
    note(seat.member)
    const [next] = hidden
    if (!next) return
    hidden.delete(next)
    show(next)
  }

  return {
    sit(holder, state) {
      const { author, member, identity } = holder
      const seat = seats.get(author)
      if (seat?.member === member) {
        seat.holder = holder
        if (seat.state === state) return
        seat.state = state
        if (shown.has(member)) note(member)
        return
      }
      // The client was forgotten while it was away, and has another name now.
      if (seat) remove(author, seat)
      const taken: Seat = { member, identity, holder, state }
      seats.set(author, taken)
      if (shown.size < limits.members) show(taken)
      else hidden.add(taken)
    },
    adopt(holder) {
      const seat = seats.get(holder.author)
      if (seat?.member === holder.member) seat.holder = holder
    },
    stand(author, holder) {
      const seat = seats.get(author)
      if (seat && (!holder || seat.holder === holder)) remove(author, seat)
    },
    watch(watcher) {
      if (watchers.has(watcher)) return
      watchers.set(watcher, false)
      schedule()
    },
    unwatch: (watcher) => void watchers.delete(watcher),
    get members() {
      return seats.size
    },
    get watchers() {
      return watchers.size
    },
    close() {
      isClosed = true
      stopTimer?.()
      stopAgain?.()
    },
  }
}

function shownAs(seat: Seat | undefined): Shown[] {
  if (!seat) return []
  const { member, identity, state } = seat
  return [identity === '' ? { member, state } : { member, identity, state }]
}
