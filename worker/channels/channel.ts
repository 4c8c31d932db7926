/**
 * Owns one channel of the line: the recent events, and the meeting of those who read them with the
 * server that sends them (P6). Where the server goes on is known to standing.ts, who reads from which
 * place to readers.ts, how far the events have come to progress.ts. A batch that does not follow on
 * what is here is not taken; the channel asks again from where it stands, so an event is neither lost
 * nor repeated, however ids look.
 *
 * It does not know sockets, disks or parcels.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { News, Subscription } from '../../protocol/port.js'
import type { ChannelAnswer, DownBody, GapReason } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { deniedNews, eventsNews, gapNews, keptNews } from './channel-news.js'
import type { Kept } from './histories.js'
import type { Pages } from './pages.js'
import { createProgress, type Run } from './progress.js'
import { createReaders } from './readers.js'
import { createRing } from './ring.js'
import { createStanding } from './standing.js'
import type { Outlet, Subscriber } from './subscriber.js'

/** What a tab is given: the news, and where it stands once it has confirmed them. */
export interface Batch {
  readonly news: News
  readonly to: number
  readonly cursor: Cursor
  /** The events in it, if it is not a gap. */
  readonly run?: Run
}

/** `misfit`: the batch does not follow on what is here, ask again. */
export type Reception = 'taken' | 'ignored' | 'misfit'

export interface Channel {
  readonly name: string
  readonly isIdle: boolean
  /** The server has said no, and was not asked again. */
  readonly isDenied: boolean
  /** The server was asked, and has not answered yet. */
  readonly isAwaited: boolean
  /** Events received and neither taken by a tab nor given up: they occupy credit. */
  readonly unseen: number
  /** Events that occupied credit and do no longer, ever: it grows while somebody reads. */
  readonly freed: number
  subscribe(subscription: Subscription, outlet: Outlet): Subscriber
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
  /** These have handled such a batch, and are still there. */
  confirmed(batch: Batch, readers: readonly Subscriber[]): void
  /** Nobody reads: the events go, and whoever wanted them is told so. */
  giveUp(): void
  /** Nobody has been here for a while, and it stays open for something else: it keeps little. */
  rest(): void
  lost(): void
}

export interface ChannelOptions {
  readonly name: string
  readonly pages: Pages
  /** What this origin has seen of the channel. */
  last(): Cursor | undefined
  /** The last kept events up to there, so many at most. */
  recall(count: number): Kept | undefined
  /** Events that no longer occupy credit. */
  onFreed(events: number): void
  /** A tab has seen everything up to here, which therefore may go to disk (F21). */
  onSeen(cursor: Cursor, run?: Run): void
}

const BATCH_EVENTS = 4_096
const BATCH_CHARACTERS = 1024 * 1024

export function createChannel(options: ChannelOptions): Channel {
  const { name, pages, last, onFreed } = options
  const ring = createRing()
  const standing = createStanding(last)
  let denial: { readonly why: string | undefined } | undefined
  let isResting = false
  const progress = createProgress({
    ring,
    last,
    isRead: () => readers.isRead,
    onFreed,
    onSeen: options.onSeen,
  })
  const readers = createReaders({
    name,
    ring,
    pages,
    standing,
    last,
    onStand: progress.free,
    onBegun(subscriber, place, at) {
      const isHeard = !subscriber.isUnheard && readers.has(subscriber)
      if (isHeard && at.epoch === standing.cursor?.epoch) progress.began(place, at)
    },
    onTaken: (subscriber, place, at, run) => taken([subscriber], place, at, run),
  })

  function taken(by: readonly Subscriber[], to: number | undefined, at: Cursor, run?: Run): void {
    // What is over is no measure of what comes now (F39).
    if (at.epoch !== standing.cursor?.epoch) return
    progress.took(to)
    if (by.some(({ isUnheard }) => !isUnheard)) progress.saw(to, at, run)
  }

  /** A new reader begins with what the disk has, if it wants that, and goes on behind it. */
  function paint({ id, from, history }: Subscription, outlet: Outlet): Subscription['from'] {
    const kept = from === 'last' && history ? options.recall(history) : undefined
    if (!kept) return from
    outlet.push(keptNews(name, [id], kept.cursor.epoch, kept.ids, kept.payloads))
    return { after: kept.cursor }
  }

  function restart(reason: GapReason, at: Cursor): void {
    ring.clear(at.id)
    progress.restarted()
    readers.restart(reason, at)
    progress.free()
  }

  const channel: Channel = {
    name,
    get isIdle() {
      return readers.isEmpty
    },
    get isDenied() {
      return denial !== undefined
    },
    get isAwaited() {
      return standing.isAwaited
    },
    get unseen() {
      return progress.unseen
    },
    get freed() {
      return progress.freed
    },

    subscribe(subscription, outlet) {
      const { id, isUnheard = false } = subscription
      isResting = false
      const from = denial ? subscription.from : paint(subscription, outlet)
      const subscriber: Subscriber = { id, from, outlet, channel, isUnheard, place: null }
      if (denial) outlet.push(deniedNews(name, [id], denial.why))
      else if (!standing.cursor) standing.begin(from)
      readers.add(subscriber)
      return subscriber
    },

    unsubscribe(subscriber) {
      readers.remove(subscriber)
      progress.free()
    },

    ask() {
      denial = undefined
      const cursor = standing.ask()
      return cursor ? { channel: name, cursor } : { channel: name }
    },

    answered(answer) {
      if (answer.state === 'denied') {
        denial = { why: answer.why }
        standing.lost()
        return readers.deny(answer.why)
      }
      const { state, epoch, id } = answer
      const isFirst = !standing.cursor
      const reason = standing.answered(answer)
      if (reason) return restart(reason, { epoch, id })
      if (isFirst) ring.clear(id)
      const known = last()
      if (state === 'ok') progress.resumed()
      // If this subscriber stands further back than the disk, its replay will pass there.
      else if (isFirst && known?.epoch === epoch && known.id !== id) progress.beganBehind()
      readers.resume()
    },

    received(frame) {
      const { events } = frame
      // Of an older question, perhaps: the answer to the present one begins where we stand.
      const reception = !standing.isLive ? 'ignored' : standing.follows(frame) ? 'taken' : 'misfit'
      if (reception !== 'taken') {
        onFreed(events.length)
        return reception
      }
      for (const [id, payload] of events) {
        ring.push(id, payload)
        readers.met(id)
        const isPresent = standing.passed(id)
        progress.passed(id, isPresent)
        if (isPresent) readers.settle()
      }
      readers.mark()
      progress.free()
      // What nobody stands in is kept for whoever comes soon; others have pages.
      if ((pages.isOffered || isResting) && !readers.isRead) ring.trim(ring.head)
      return reception
    },

    gapped({ reason, epoch, id }) {
      // Otherwise an older question's: the answer to the present one says where we stand.
      if (!standing.isLive) return
      standing.jump({ epoch, id })
      restart(reason, { epoch, id })
    },

    sendBack: readers.sendBack,

    cut(place, ids) {
      const { cursor } = standing
      if (!cursor) throw new Error('a place in a channel that never spoke')
      if (place < ring.tail) {
        return { news: gapNews(name, ids, 'slow', cursor), to: ring.head, cursor }
      }
      const to = ring.reach(place, BATCH_EVENTS, BATCH_CHARACTERS)
      const { epoch } = cursor
      const run = {
        after: ring.idBefore(place),
        ids: ring.ids(place, to),
        payloads: ring.payloads(place, to),
      }
      const news = eventsNews(name, ids, epoch, run.ids, run.payloads)
      return { news, to, cursor: { epoch, id: run.ids.at(-1) ?? cursor.id }, run }
    },

    confirmed(batch, by) {
      taken(by, batch.to, batch.cursor, batch.run)
      ring.trim(readers.needed)
      progress.free()
    },

    giveUp() {
      if (standing.cursor) ring.clear(standing.cursor.id)
      progress.free()
    },

    rest() {
      isResting = readers.isEmpty
      if (isResting) ring.trim(ring.head)
    },

    lost() {
      standing.lost()
      readers.lost()
    },
  }
  return channel
}
