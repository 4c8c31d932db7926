/**
 * Owns who reads one channel, and from which place: everybody who comes is brought to a place of its
 * own in the ring, or to pages of its own, or is told that events are missing (P6).
 *
 * It does not know what the server was asked, nor what becomes of what was read.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { GapReason } from '../../protocol/wire/frames-down.js'
import { createCatchUps } from './catch-up.js'
import { deniedNews, gapNews, positionNews } from './channel-news.js'
import type { Pages } from './pages.js'
import type { Run } from './progress.js'
import type { Ring } from './ring.js'
import type { Standing } from './standing.js'
import type { Subscriber } from './subscriber.js'

export interface Readers {
  readonly isEmpty: boolean
  /** Whether anybody stands in the ring. */
  readonly isRead: boolean
  /** The earliest place that somebody waits for. */
  readonly needed: number
  has(subscriber: Subscriber): boolean
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  /** Whoever has no place yet finds one. */
  settle(): void
  /** The channel is live: whoever waited for that goes on. */
  resume(): void
  /** The ring begins anew behind a gap, which not everybody's place is touched by. */
  restart(reason: GapReason, at: Cursor): void
  deny(why: string | undefined): void
  /** An event has come into the ring. */
  met(id: Cursor['id']): void
  /** Whoever stands in the ring may come and take what is there. */
  mark(): void
  /** Whether readers of one place have fallen out of the ring, and catch up from where they stand. */
  sendBack(readers: readonly Subscriber[]): boolean
  lost(): void
}

export interface ReadersOptions {
  readonly name: string
  readonly ring: Ring
  readonly pages: Pages
  readonly standing: Standing
  last(): Cursor | undefined
  /** Somebody is about to stand in the ring. */
  onStand(): void
  /** It has handled the news that it begins at this place. */
  onBegun(subscriber: Subscriber, place: number, at: Cursor): void
  onTaken(subscriber: Subscriber, place: number | undefined, at: Cursor, run: Run): void
}

export function createReaders(options: ReadersOptions): Readers {
  const { name, ring, pages, standing, last } = options
  const all = new Set<Subscriber>()
  /** Who waits for a replay to pass its place, and where it goes on if that does not: there are no pages. */
  const waiting = new Map<Subscriber, { readonly at: Cursor; readonly place: number }>()
  const catchUps = createCatchUps({
    channel: name,
    ring,
    pages,
    isLive: () => standing.isLive,
    onPlace: stand,
    onGap: (subscriber, reason) => standing.cursor && miss(subscriber, reason, standing.cursor),
    onTaken: options.onTaken,
  })

  function stand(subscriber: Subscriber, place: number): void {
    options.onStand()
    subscriber.place = place
    if (place < ring.head) subscriber.outlet.mark(subscriber)
  }

  /** It goes on from there, and knows that it has missed something. */
  function miss(subscriber: Subscriber, reason: GapReason, at: Cursor, place = ring.head): void {
    const { id, outlet } = subscriber
    stand(subscriber, place)
    subscriber.from = { after: at }
    outlet.push(gapNews(name, [id], reason, at), () => options.onBegun(subscriber, place, at))
  }

  /** Finds the place of a subscriber that has none yet. */
  function settle(subscriber: Subscriber, at: Cursor): void {
    const { id, from, outlet } = subscriber
    if (catchUps.has(subscriber) || (from === 'now' && standing.presentFrom !== undefined)) return
    const begin = standing.placeOf(from) ?? at
    // An id means nothing in another history (F39).
    const isForeign = (begin.epoch ?? at.epoch) !== at.epoch
    const place = isForeign ? undefined : ring.placeAfter(begin.id)
    const before = waiting.get(subscriber)
    waiting.delete(subscriber)
    if (isForeign) return miss(subscriber, 'epoch', at)
    if (place === undefined && !pages.isOffered) {
      const here = before && before.place >= ring.tail ? before : { at, place: ring.head }
      if (standing.presentFrom === undefined)
        return miss(subscriber, 'trimmed', here.at, here.place)
      waiting.set(subscriber, here)
      return
    }
    const position = { epoch: at.epoch, id: begin.id }
    const news = positionNews([id], position, from === 'last' && !last())
    subscriber.from = { after: position }
    if (place === undefined) {
      // So far it is the page alone that says so.
      outlet.push(news)
      return catchUps.begin(subscriber, position)
    }
    outlet.push(news, () => options.onBegun(subscriber, place, position))
    stand(subscriber, place)
  }

  /** Whether the server's gap is none of its own: it stands elsewhere, and asks for itself. */
  function isElsewhere({ place, from }: Subscriber, { epoch }: Cursor): boolean {
    const own = place === null ? standing.placeOf(from) : undefined
    return (
      !!own && (own.epoch ?? epoch) === epoch && pages.isOffered && own.id !== standing.asked?.id
    )
  }

  function settleAll(): void {
    const { cursor } = standing
    if (!cursor) return
    for (const subscriber of all) if (subscriber.place === null) settle(subscriber, cursor)
  }

  return {
    get isEmpty() {
      return all.size === 0
    },
    get isRead() {
      return [...all].some(({ place }) => place !== null)
    },
    get needed() {
      const places = [...all].map((one) => one.place ?? waiting.get(one)?.place ?? ring.head)
      return Math.min(ring.head, ...places)
    },
    has: (subscriber) => all.has(subscriber),
    add(subscriber) {
      all.add(subscriber)
      if (standing.isLive && standing.cursor) settle(subscriber, standing.cursor)
    },
    remove(subscriber) {
      all.delete(subscriber)
      waiting.delete(subscriber)
      catchUps.end(subscriber)
      // What is on its way to it has not been seen by it.
      subscriber.place = null
    },
    settle: settleAll,
    resume() {
      settleAll()
      catchUps.resume()
    },
    restart(reason, at) {
      waiting.clear()
      for (const subscriber of all) {
        const isNew = subscriber.place === null && subscriber.from === 'now'
        if (isNew || isElsewhere(subscriber, at)) settle(subscriber, at)
        else {
          catchUps.end(subscriber)
          miss(subscriber, reason, at)
        }
      }
      catchUps.resume()
    },
    deny(why) {
      catchUps.endAll()
      for (const { id, outlet } of all) outlet.push(deniedNews(name, [id], why))
    },
    met(id) {
      catchUps.met(id)
      for (const [subscriber, { at }] of waiting) {
        if (standing.placeOf(subscriber.from)?.id === id) settle(subscriber, at)
      }
    },
    mark() {
      for (const subscriber of all) {
        if (subscriber.place !== null) subscriber.outlet.mark(subscriber)
      }
      catchUps.passed()
    },
    sendBack: (readers) =>
      standing.cursor !== undefined && catchUps.sendBack(readers, standing.cursor.epoch),
    lost: catchUps.lost,
  }
}
