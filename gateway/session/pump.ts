/**
 * Owns how events reach one connection: live batches to readers that are up to date, pages from the
 * log, in turn over the channels, to those that are behind. Every event costs one credit; without
 * credit, or with too much unsent, nothing is read, and later the log goes on where it stopped (F44).
 *
 * A batch is sent only if it joins the reader's position, and a reader becomes live only at the feed's
 * head, checked in the turn in which it moves: so a live event that races a replay is neither lost nor
 * repeated (P6, F38).
 */
import type { Cursor } from '../../protocol/ids.js'
import type { DownFrame } from '../../protocol/wire/frames-down.js'
import type { Counters } from '../counters.js'
import type { Clock, Socket } from '../environment.js'
import { type Batch, batchesOf } from '../hub/batch.js'
import type { Feed } from '../hub/feed.js'
import type { Limits } from '../limits.js'
import type { Page } from '../log/log.js'

export interface Reader {
  readonly feed: Feed
  position: Cursor
  /** `held`: its answer has not been sent yet. */
  state: 'held' | 'behind' | 'live' | 'gone'
}

export interface Pump {
  /** From now on events may be sent to it. */
  start(reader: Reader): void
  take(reader: Reader, batch: Batch): void
  remove(reader: Reader): void
  grant(events: number): void
  close(): void
}

export interface PumpOptions {
  readonly clock: Clock
  readonly socket: Socket
  readonly limits: Limits
  readonly counters: Counters
  readonly credit: number
  readonly text: (message: string) => void
  readonly say: (frame: DownFrame) => void
  readonly onTooSlow: () => void
  readonly onFailure: (error: unknown) => void
}

/** How often an overfull socket is looked at. There is no event for "drained" in the port. */
const LOOK_MS = 20

export function createPump(options: PumpOptions): Pump {
  const { clock, socket, limits, counters, text, say, onTooSlow, onFailure } = options
  let credit = options.credit
  let isRunning = false
  let isClosed = false
  let fullSince: number | undefined
  let stopLooking: (() => void) | undefined
  const behind = new Set<Reader>()

  function deliver(reader: Reader, batch: Batch): void {
    credit -= batch.events.length
    counters.delivered += batch.events.length
    reader.position = { epoch: batch.epoch, id: batch.last }
    text(batch.text)
  }

  function fallBehind(reader: Reader): void {
    reader.state = 'behind'
    behind.add(reader)
    void run()
  }

  async function run(): Promise<void> {
    if (isRunning) return
    isRunning = true
    try {
      while (!isClosed && credit > 0 && !isFull()) {
        const [reader] = behind
        if (!reader) break
        behind.delete(reader)
        const limit = Math.min(limits.frameEvents, credit)
        const page = await reader.feed.read(reader.position, limit)
        if (!isClosed && reader.state === 'behind') turn(reader, page)
      }
    } catch (error) {
      if (!isClosed) onFailure(error)
    } finally {
      isRunning = false
    }
  }

  function turn(reader: Reader, page: Page): void {
    if (page.state === 'gap') {
      const reason = page.reason === 'trimmed' ? 'slow' : page.reason
      counters.gaps[reason] += 1
      reader.position = page.head
      say(['gap', { channel: reader.feed.channel, ...page.head, reason }])
    } else {
      // Live batches of other channels may have spent credit while this page was read.
      const events = page.events.slice(0, shareOf(reader))
      for (const batch of batchesOf({ ...page, events }, limits)) {
        // A page of long events is more than a socket bears at once; the rest is read again.
        if (isClosed || isFull()) break
        counters.replayed += batch.events.length
        deliver(reader, batch)
      }
    }
    const { head } = reader.feed
    if (reader.position.id === head.id && reader.position.epoch === head.epoch) {
      reader.state = 'live'
      behind.delete(reader)
    } else if (page.state === 'gap' || page.events.length) {
      // To the end of the row: the other channels have their turn first.
      behind.delete(reader)
      behind.add(reader)
    }
    // Else the log has nothing more although the feed is elsewhere: its next batch wakes the reader.
  }

  /** Half of the credit is left to those who wait, however much this one has missed. */
  function shareOf(reader: Reader): number {
    const others = behind.size - (behind.has(reader) ? 1 : 0)
    return others ? Math.ceil(credit / 2) : credit
  }

  function isFull(): boolean {
    if (socket.buffered() <= limits.bufferedSoft) {
      fullSince = undefined
      return false
    }
    fullSince ??= clock.now()
    if (clock.now() - fullSince >= limits.slowMs) onTooSlow()
    else stopLooking ??= clock.after(LOOK_MS, look)
    return true
  }

  function look(): void {
    stopLooking = undefined
    if (!isClosed && !isFull()) void run()
  }

  return {
    start(reader) {
      if (reader.state === 'held') fallBehind(reader)
    },
    take(reader, batch) {
      if (isClosed || reader.state === 'held' || reader.state === 'gone') return
      const { position } = reader
      const joins = position.id === batch.after && position.epoch === batch.epoch
      const fits = credit >= batch.events.length && !isFull()
      if (reader.state === 'live' && joins && fits) deliver(reader, batch)
      else fallBehind(reader)
    },
    remove(reader) {
      reader.state = 'gone'
      behind.delete(reader)
    },
    grant(events) {
      credit = Math.min(Number.MAX_SAFE_INTEGER, credit + events)
      void run()
    },
    close() {
      isClosed = true
      stopLooking?.()
      behind.clear()
    },
  }
}
