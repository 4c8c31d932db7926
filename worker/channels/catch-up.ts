/**
 * Owns the subscribers of one channel that stand outside its ring: each is brought on by pages from its
 * own place, alone, until that place is one of the ring's; from there the ring serves it, without a
 * hole and without a repeat (P6). Nobody else notices: who catches up holds no place in the ring and
 * occupies no credit.
 *
 * The next page is asked for when the tab has confirmed the last, so a slow tab has one in its
 * memory, and a dead one none. All who catch up here are in the channel's own epoch.
 */
import type { Cursor, Epoch, EventId } from '../../protocol/ids.js'
import type { GapReason } from '../../protocol/wire/frames-down.js'
import { deniedNews, eventsNews } from './channel-news.js'
import type { EventPage, Page, Pages } from './pages.js'
import type { Run } from './progress.js'
import type { Ring } from './ring.js'
import type { Subscriber } from './subscriber.js'

export interface CatchUps {
  has(subscriber: Subscriber): boolean
  begin(subscriber: Subscriber, cursor: Cursor): void
  /** Whether readers of one place have fallen out of the ring; they go on from where they stand. */
  sendBack(readers: readonly Subscriber[], epoch: Epoch): boolean
  end(subscriber: Subscriber): void
  endAll(): void
  /** The event of that id has just come into the ring: who stands at it goes on from there. */
  met(id: EventId): void
  /** The channel is live, perhaps with another ring: whoever stands still goes on. */
  resume(): void
  /** Events have come that brought nobody here any nearer. */
  passed(): void
  lost(): void
}

export interface CatchUpOptions {
  readonly channel: string
  readonly ring: Ring
  readonly pages: Pages
  isLive(): boolean
  /** It goes on from the ring. */
  onPlace(subscriber: Subscriber, place: number): void
  onGap(subscriber: Subscriber, reason: GapReason): void
  /** Its tab has handled these, which end at this place of the ring, if it is there already. */
  onTaken(subscriber: Subscriber, place: number | undefined, cursor: Cursor, run: Run): void
}

interface CatchUp {
  readonly subscriber: Subscriber
  cursor: Cursor
  /** `given`: a page is with the tab; `idle`: it waits for the line, or for the ring to come by. */
  phase: 'idle' | 'asked' | 'given'
  /** The ring's head when this was last looked at. */
  since: number
  withdraw(): void
}

/** A server whose pages lag behind its events says "nothing more" too early: look again after so many. */
const PASSING = 512

export function createCatchUps(options: CatchUpOptions): CatchUps {
  const { channel, ring, pages } = options
  const all = new Map<Subscriber, CatchUp>()

  function end(one: CatchUp): void {
    all.delete(one.subscriber)
    one.withdraw()
  }

  function place(one: CatchUp, at: number): void {
    end(one)
    options.onPlace(one.subscriber, at)
  }

  function advance(one: CatchUp): void {
    const at = ring.placeAfter(one.cursor.id)
    if (at !== undefined) return place(one, at)
    if (!options.isLive()) return
    if (!pages.isOffered) return fail(one, 'trimmed')
    one.phase = 'asked'
    one.since = ring.head
    one.withdraw = pages.ask({
      channel,
      cursor: one.cursor,
      owner: one.subscriber.outlet,
      take: (page, release) => receive(one, page, release),
    })
  }

  function fail(one: CatchUp, reason: GapReason): void {
    end(one)
    options.onGap(one.subscriber, reason)
  }

  function receive(one: CatchUp, page: Page, release: () => void): void {
    one.phase = 'idle'
    one.withdraw = () => {}
    const reason = misfit(one, page)
    if (page.state === 'denied') {
      end(one)
      const { id, outlet } = one.subscriber
      outlet.push(deniedNews(channel, [id], page.why))
    } else if (page.state === 'gap' || reason) fail(one, reason ?? 'trimmed')
    else if (page.ids.length) return give(one, page, release)
    else stay(one, page)
    release()
  }

  /** Nothing is missing, and the ring is behind: it will come by. */
  function stay(one: CatchUp, { epoch, after }: EventPage): void {
    // The empty id has another name now, by which the ring may know it.
    one.cursor = { epoch, id: after }
    const at = ring.placeAfter(after) ?? beginning(one, after)
    if (at !== undefined) place(one, at)
  }

  /**
   * The channel had never spoken when the page was read, so the ring was empty when it was asked for:
   * whatever it has from there on is all there ever was.
   */
  function beginning({ since }: CatchUp, after: EventId): number | undefined {
    return after === '' && since >= ring.tail ? since : undefined
  }

  function give(one: CatchUp, page: EventPage, release: () => void): void {
    const { epoch, ids, payloads } = page
    const { subscriber } = one
    const { id, outlet } = subscriber
    const end = { epoch, id: ids.at(-1) ?? one.cursor.id }
    one.cursor = end
    one.phase = 'given'
    subscriber.from = { after: end }
    outlet.push(eventsNews(channel, [id], epoch, ids, payloads), () => {
      release()
      const isCatchingUp = all.get(subscriber) === one
      // Who has left meanwhile has not seen all of it (F21).
      if (isCatchingUp || subscriber.place !== null) {
        options.onTaken(subscriber, ring.placeAfter(end.id), end, page)
      }
      if (!isCatchingUp) return
      one.phase = 'idle'
      advance(one)
    })
  }

  function begin(subscriber: Subscriber, cursor: Cursor): void {
    subscriber.place = null
    const one: CatchUp = { subscriber, cursor, phase: 'idle', since: ring.head, withdraw() {} }
    all.set(subscriber, one)
    advance(one)
  }

  return {
    has: (subscriber) => all.has(subscriber),
    begin,
    sendBack(readers, epoch) {
      if (!pages.isOffered) return false
      const fallen = readers.flatMap((reader) => {
        const { place, from } = reader
        // Who stands somewhere has a place of its own to begin from.
        return place === null || place >= ring.tail || typeof from === 'string'
          ? []
          : [() => begin(reader, { epoch, id: from.after.id })]
      })
      if (fallen.length < readers.length) return false
      for (const run of fallen) run()
      return true
    },
    end(subscriber) {
      const one = all.get(subscriber)
      if (one) end(one)
    },
    endAll() {
      for (const one of all.values()) end(one)
    },
    met(id) {
      for (const one of all.values()) if (one.cursor.id === id) place(one, ring.head)
    },
    resume() {
      for (const one of all.values()) if (one.phase === 'idle') advance(one)
    },
    passed() {
      for (const one of all.values()) {
        if (one.phase === 'idle' && ring.head - one.since >= PASSING) advance(one)
      }
    },
    lost() {
      for (const one of all.values()) {
        one.withdraw = () => {}
        if (one.phase === 'asked') one.phase = 'idle'
      }
    },
  }
}

/** Why a page does not follow on where the subscriber stands, if it does not. */
function misfit({ cursor }: CatchUp, page: Page): GapReason | undefined {
  if (page.state === 'denied') return undefined
  if (page.state === 'gap') return page.reason
  if (page.epoch !== cursor.epoch) return 'epoch'
  // Of the position before the first event the server says its own name.
  return page.after === cursor.id || cursor.id === '' ? undefined : 'trimmed'
}
