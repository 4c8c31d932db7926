/**
 * Owns the pages of history that are asked for outside of any subscription: a few at a time on the
 * line, one for all who stand at the same place, and only so many that a tab has not confirmed yet, so
 * that catching up costs bounded memory and a frozen tab keeps nobody waiting (P14, F18).
 *
 * A page that does not come is asked for again, for a while. It does not know what a page is good for,
 * nor when to ask again after a lost line.
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import { SEPARATOR } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock } from '../clock.js'
import { textOf } from './ring.js'

type Answer = DownBody<'page'>
type EventsAnswer = Extract<Answer, { state: 'events' }>

export type Page = Exclude<Answer, EventsAnswer> | EventPage

export interface EventPage {
  readonly state: 'events'
  readonly epoch: Cursor['epoch']
  readonly after: EventId
  readonly ids: readonly EventId[]
  /** The payloads, joined: once for all readers. */
  readonly payloads: string
}

export interface PageReader {
  readonly channel: string
  readonly cursor: Cursor
  /** Whose memory the page occupies until `release` is called. */
  readonly owner: object
  take(page: Page, release: () => void): void
}

export interface Pages {
  /** Whether this server has any. */
  readonly isOffered: boolean
  /** Asks for the page after the reader's place; returns what withdraws it. */
  ask(reader: PageReader): () => void
  answered(answer: Answer): void
  /** What was asked is not answered any more: whoever still wants it asks again. */
  lost(): void
  close(): void
}

export interface PagesOptions {
  readonly clock: Clock
  isOffered(): boolean
  transmit(frames: readonly UpFrame[]): void
  /** The server says that it has pages, and sends none. */
  onOverdue(): void
}

interface Flight {
  readonly channel: string
  readonly cursor: Cursor
  /** `late`: came on board when the server may have looked already. */
  readonly readers: Map<PageReader, 'early' | 'late'>
  /** It is not waited for any more. */
  end(): void
}

/** Pages on their way at once, over all channels. */
export const FLIGHTS_MAX = 4
/** Pages on their way to one tab, or with it and not confirmed. */
export const HELD_MAX = 4

/** A page may stand behind a lot of events on a slow line. */
export const PAGE_MS = 30_000
/** So long nothing comes of what was asked for, until the server is believed no more. */
const OVERDUE_MS = 3 * PAGE_MS

export function createPages(options: PagesOptions): Pages {
  const { clock } = options
  const flights = new Map<number, Flight>()
  /** Who waits for a flight, longest first. */
  const queue = new Set<PageReader>()
  const held = new WeakMap<object, number>()
  let nextId = 1
  /** Since when something is asked for and nothing comes. */
  let silentSince: number | undefined

  const hold = (owner: object, pages: number): void => {
    held.set(owner, (held.get(owner) ?? 0) + pages)
  }

  function launch(): void {
    for (const reader of queue) {
      if ((held.get(reader.owner) ?? 0) >= HELD_MAX) continue
      const going = [...flights.values()].find((flight) => isSame(flight, reader))
      if (!going && flights.size >= FLIGHTS_MAX) continue
      queue.delete(reader)
      hold(reader.owner, 1)
      if (going) going.readers.set(reader, 'late')
      else takeOff(reader)
    }
  }

  function takeOff(reader: PageReader): void {
    const { channel, cursor } = reader
    const id = nextId++
    silentSince ??= clock.now()
    const end = clock.after(PAGE_MS, () => miss(id))
    flights.set(id, { channel, cursor, readers: new Map([[reader, 'early']]), end })
    options.transmit([['fetch', { id, channel, cursor }]])
  }

  /** Whoever waited for it asks anew, behind the others. */
  function miss(id: number): void {
    const flight = flights.get(id)
    flights.delete(id)
    for (const reader of flight?.readers.keys() ?? []) {
      hold(reader.owner, -1)
      queue.add(reader)
    }
    const silentMs = clock.now() - (silentSince ?? clock.now())
    const isOverdue = silentMs >= OVERDUE_MS
    if (!isOverdue) launch()
    // Said once: what else was asked for is overdue in the same moment. Who has gone waits for nothing.
    if (isOverdue || !flights.size) silentSince = undefined
    if (isOverdue) options.onOverdue()
  }

  function withdraw(reader: PageReader): void {
    queue.delete(reader)
    for (const { readers } of flights.values()) {
      if (readers.delete(reader)) hold(reader.owner, -1)
    }
    launch()
  }

  function releaseOnce({ owner }: PageReader): () => void {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      hold(owner, -1)
      launch()
    }
  }

  return {
    get isOffered() {
      return options.isOffered()
    },
    ask(reader) {
      queue.add(reader)
      launch()
      return () => withdraw(reader)
    },
    answered(answer) {
      const flight = flights.get(answer.id)
      flights.delete(answer.id)
      if (!flight) return
      flight.end()
      silentSince = flights.size ? clock.now() : undefined
      const page = answer.state === 'events' ? openPage(answer) : answer
      const isEmpty = page.state === 'events' && page.ids.length === 0
      for (const [reader, boarding] of flight.readers) {
        const release = releaseOnce(reader)
        // "Nothing after it" was true before this reader asked; since then the ring may have gone by.
        if (isEmpty && boarding === 'late') {
          queue.add(reader)
          release()
        } else reader.take(page, release)
      }
      launch()
    },
    lost() {
      for (const { readers, end } of flights.values()) {
        end()
        for (const { owner } of readers.keys()) hold(owner, -1)
      }
      flights.clear()
      queue.clear()
      silentSince = undefined
    },
    close() {
      for (const { end } of flights.values()) end()
    },
  }
}

const isSame = (a: Flight, b: PageReader): boolean =>
  a.channel === b.channel && a.cursor.id === b.cursor.id && a.cursor.epoch === b.cursor.epoch

const openPage = ({ epoch, after, events }: EventsAnswer): EventPage => ({
  state: 'events',
  epoch,
  after,
  ids: events.map(([id]) => id),
  payloads: events.map(([, payload]) => textOf(payload)).join(SEPARATOR),
})
