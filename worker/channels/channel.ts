/**
 * Owns one channel of the line: where it stands with the server, the recent events, and who listens
 * from which place (P6). A batch that does not follow on what is here is not taken; the channel asks
 * again from where it stands, so an event is neither lost nor repeated, however ids look.
 *
 * It does not know sockets, disks or parcels. Position and epoch move together, always (F39).
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import type { From, News } from '../../protocol/port.js'
import type { ChannelAnswer, DownBody, GapReason } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { createCatchUps } from './catch-up.js'
import { deniedNews, eventsNews, gapNews, positionNews } from './channel-news.js'
import type { Pages } from './pages.js'
import { createRing } from './ring.js'
import type { Outlet, Subscriber } from './subscriber.js'

type Start = UpBody<'subscribe'>['cursor']

/** What a tab is given: the news, and where it stands once it has confirmed them. */
export interface Batch {
  readonly news: News
  readonly to: number
  readonly cursor: Cursor
}

/** `misfit`: the batch does not follow on what is here, ask again. */
export type Reception = 'taken' | 'ignored' | 'misfit'

export interface Channel {
  readonly name: string
  readonly isIdle: boolean
  /** Events received and neither seen by a tab nor given up: they occupy credit. */
  readonly unseen: number
  /** Events that occupied credit and do no longer, ever: it grows while somebody reads. */
  readonly freed: number
  subscribe(id: number, from: From, outlet: Outlet): Subscriber
  unsubscribe(subscriber: Subscriber): void
  /** What to ask the server; the channel then waits for the answer. */
  ask(): UpBody<'subscribe'>
  answered(answer: ChannelAnswer): void
  received(frame: DownBody<'events'>): Reception
  gapped(frame: DownBody<'gap'>): void
  /** Whether readers of one place have fallen out of the ring, and catch up from where they stand. */
  sendBack(readers: readonly Subscriber[]): boolean
  /** The next news for subscribers that stand at the same place. */
  cut(place: number, subscribers: readonly number[]): Batch
  /** A tab has handled such a batch. */
  confirmed(batch: Batch): void
  /** Nobody reads: the events go, and whoever wanted them is told so. */
  giveUp(): void
  lost(): void
}

export interface ChannelOptions {
  readonly name: string
  readonly pages: Pages
  /** What this origin has seen of the channel. */
  last(): Cursor | undefined
  /** Events that no longer occupy credit. */
  onFreed(events: number): void
  /** A tab has seen everything up to here, which therefore may go to disk (F21). */
  onSeen(cursor: Cursor): void
}

const BATCH_EVENTS = 4_096
const BATCH_CHARACTERS = 1024 * 1024

export function createChannel({ name, pages, last, onFreed, onSeen }: ChannelOptions): Channel {
  const ring = createRing()
  const subscribers = new Set<Subscriber>()
  let start: Start
  let asked: Start
  let cursor: Cursor | undefined
  let isLive = false
  let denial: News | undefined
  /** In a replay: whoever asked for `now` begins after this event. */
  let presentFrom: EventId | undefined
  /** What this server calls the position before the first event; others may call it by the empty id. */
  let beginning: EventId | undefined
  let seen = 0
  /** From which place on what is seen goes to disk: what the disk knows already is not taken back (F21). */
  let recordFrom = 0
  let freed = 0
  const catchUps = createCatchUps({
    channel: name,
    ring,
    pages,
    isLive: () => isLive,
    onPlace: stand,
    onGap: (subscriber, reason) => cursor && miss(subscriber, reason, cursor),
    onSeen: saw,
  })

  function wanted(from: From): Start {
    const at = from === 'now' ? undefined : from === 'last' ? last() : from.after
    return at?.id === '' && beginning !== undefined ? { ...at, id: beginning } : at
  }

  function stand(subscriber: Subscriber, place: number): void {
    // What nobody was there to read is nobody's to confirm.
    free()
    subscriber.place = place
    if (place < ring.head) subscriber.outlet.mark(subscriber)
  }

  /** It goes on from the head, and knows that it has missed something. */
  function miss(subscriber: Subscriber, reason: GapReason, at: Cursor): void {
    stand(subscriber, ring.head)
    subscriber.from = { after: at }
    subscriber.outlet.push(gapNews(name, [subscriber.id], reason, at))
  }

  /** Finds the place of a subscriber that has none yet. */
  function settle(subscriber: Subscriber, at: Cursor): void {
    const { id, from, outlet } = subscriber
    if (catchUps.has(subscriber) || (from === 'now' && presentFrom !== undefined)) return
    const begin = wanted(from) ?? at
    // An id means nothing in another history (F39).
    const isForeign = (begin.epoch ?? at.epoch) !== at.epoch
    const place = isForeign ? undefined : ring.placeAfter(begin.id)
    if (place === undefined && (isForeign || !pages.isOffered)) {
      return miss(subscriber, isForeign ? 'epoch' : 'trimmed', at)
    }
    const position = { epoch: at.epoch, id: begin.id }
    outlet.push(positionNews([id], position, from === 'last' && !last()))
    subscriber.from = { after: position }
    if (place === undefined) return catchUps.begin(subscriber, position)
    stand(subscriber, place)
  }

  /** Whether the server's gap is none of its own: it stands elsewhere, and asks for itself. */
  function isElsewhere(subscriber: Subscriber, { epoch }: Cursor): boolean {
    const own = subscriber.place === null ? wanted(subscriber.from) : undefined
    return !!own && (own.epoch ?? epoch) === epoch && pages.isOffered && own.id !== asked?.id
  }

  function restart(reason: GapReason, at: Cursor): void {
    ring.clear(at.id)
    beginning = undefined
    recordFrom = 0
    cursor = at
    isLive = true
    presentFrom = undefined
    for (const subscriber of subscribers) {
      const isNew = subscriber.place === null && subscriber.from === 'now'
      if (isNew || isElsewhere(subscriber, at)) settle(subscriber, at)
      else {
        catchUps.end(subscriber)
        miss(subscriber, reason, at)
      }
    }
    catchUps.resume()
    free()
  }

  function saw(to: number, at: Cursor): void {
    if (to <= seen || at.epoch !== cursor?.epoch) return
    seen = to
    if (to >= recordFrom) onSeen(at)
  }

  const isRead = (): boolean => [...subscribers].some(({ place }) => place !== null)

  function free(): void {
    const upTo = isRead() ? Math.max(seen, ring.tail) : ring.head
    if (upTo <= freed) return
    onFreed(upTo - freed)
    freed = upTo
  }

  const channel: Channel = {
    name,
    get isIdle() {
      return subscribers.size === 0
    },
    get unseen() {
      return ring.head - freed
    },
    get freed() {
      return freed
    },

    subscribe(id, from, outlet) {
      const subscriber: Subscriber = { id, from, outlet, channel, place: null }
      subscribers.add(subscriber)
      if (denial) outlet.push({ ...denial, subscriptions: [id] } as News)
      else if (isLive && cursor) settle(subscriber, cursor)
      else if (!cursor) start ??= wanted(from)
      return subscriber
    },

    unsubscribe(subscriber) {
      subscribers.delete(subscriber)
      catchUps.end(subscriber)
      // What is on its way to it has not been seen by it.
      subscriber.place = null
      free()
    },

    ask() {
      isLive = false
      denial = undefined
      asked = cursor ?? start
      return asked ? { channel: name, cursor: asked } : { channel: name }
    },

    answered(answer) {
      if (answer.state === 'denied') {
        denial = deniedNews(name, [], answer.why)
        isLive = false
        catchUps.endAll()
        for (const { id, outlet } of subscribers) outlet.push({ ...denial, subscriptions: [id] })
        return
      }
      const { epoch, id } = answer
      if (answer.state === 'gap') return restart(answer.reason, { epoch, id })
      const expected = isLive ? cursor : asked
      const isThere = !expected || expected.id === id || expected.id === ''
      if (!isThere || (expected?.epoch ?? epoch) !== epoch) return restart('epoch', { epoch, id })
      if (expected?.id === '') beginning = id
      if (!cursor) ring.clear(id)
      const known = last()
      if (answer.state === 'ok') recordFrom = Math.min(recordFrom, ring.head)
      // If this subscriber stands further back than the disk, its replay will pass there.
      else if (!cursor && known?.epoch === epoch && known.id !== id) recordFrom = Infinity
      cursor = { epoch, id }
      isLive = true
      presentFrom = answer.state === 'replay' ? answer.head : undefined
      for (const subscriber of subscribers) {
        if (subscriber.place === null) settle(subscriber, cursor)
      }
      // A channel can be resumed before it ever spoke (F37).
      if (!known) onSeen(cursor)
      catchUps.resume()
    },

    received({ epoch, after, events }) {
      if (!isLive || !cursor) {
        // An older question's events: the answer to the present one begins where we stand.
        onFreed(events.length)
        return 'ignored'
      }
      if (epoch !== cursor.epoch || after !== cursor.id) {
        onFreed(events.length)
        return 'misfit'
      }
      for (const [id, payload] of events) {
        ring.push(id, payload)
        catchUps.met(id)
        const isRecorded = recordFrom < Infinity
        if (!isRecorded && (id === presentFrom || id === last()?.id)) recordFrom = ring.head
        if (id !== presentFrom) continue
        presentFrom = undefined
        cursor = { epoch, id }
        for (const subscriber of subscribers) {
          if (subscriber.place === null) settle(subscriber, cursor)
        }
      }
      cursor = { epoch, id: events.at(-1)?.[0] ?? cursor.id }
      for (const subscriber of subscribers) {
        if (subscriber.place !== null) subscriber.outlet.mark(subscriber)
      }
      catchUps.passed()
      free()
      // What nobody stands in is kept for whoever comes soon; others have pages.
      if (pages.isOffered && !isRead()) ring.trim(ring.head)
      return 'taken'
    },

    gapped({ reason, epoch, id }) {
      // Otherwise an older question's: the answer to the present one says where we stand.
      if (isLive) restart(reason, { epoch, id })
    },

    sendBack: (readers) => cursor !== undefined && catchUps.sendBack(readers, cursor.epoch),

    cut(place, ids) {
      if (!cursor) throw new Error('a place in a channel that never spoke')
      if (place < ring.tail) {
        return { news: gapNews(name, ids, 'slow', cursor), to: ring.head, cursor }
      }
      const to = ring.reach(place, BATCH_EVENTS, BATCH_CHARACTERS)
      const { epoch } = cursor
      const eventIds = ring.ids(place, to)
      const news = eventsNews(name, ids, epoch, eventIds, ring.payloads(place, to))
      return { news, to, cursor: { epoch, id: eventIds.at(-1) ?? cursor.id } }
    },

    confirmed(batch) {
      saw(batch.to, batch.cursor)
      const needed = Math.min(ring.head, ...[...subscribers].map((one) => one.place ?? ring.head))
      ring.trim(needed)
      free()
    },

    giveUp() {
      if (cursor) ring.clear(cursor.id)
      free()
    },

    lost() {
      isLive = false
      catchUps.lost()
    },
  }
  return channel
}
