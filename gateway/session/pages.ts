/**
 * Owns the pages that one connection fetches: read from the log after a position, outside of any
 * subscription and without credit, answered in the order in which they were asked for (P6).
 *
 * A few are looked up at once, none while the socket is full; the rest waits (P14, F44).
 */

import type { EventId } from '../../protocol/ids.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import type { Socket } from '../environment.js'
import { batchesOf } from '../hub/batch.js'
import { type Permit, whyOf } from './permit.js'
import type { Voice } from './voice.js'
import type { Wiring } from './wiring.js'

export interface Pages {
  /** Resolves when it has been answered; rejects when the log or the app fails. */
  fetch(wanted: UpBody<'fetch'>): Promise<void>
  close(): void
}

export interface PagesOptions {
  readonly wiring: Wiring
  readonly permit: Permit
  readonly socket: Socket
  readonly voice: Voice
}

type Page = DownBody<'page'>

const AT_ONCE = 4
/** How often an overfull socket is looked at. */
const LOOK_MS = 20

export function createPages({ wiring, permit, socket, voice }: PagesOptions): Pages {
  const { log, clock, limits, counters } = wiring
  const waiting: (() => void)[] = []
  /** Resolves when the page before has been said. */
  let last: Promise<unknown> = Promise.resolve()
  let working = 0
  let stopLooking: (() => void) | undefined
  let isClosed = false

  function work(): void {
    if (isClosed || stopLooking) return
    if (waiting.length && socket.buffered() > limits.bufferedSoft) {
      stopLooking = clock.after(LOOK_MS, () => {
        stopLooking = undefined
        work()
      })
      return
    }
    while (working < AT_ONCE) {
      const begin = waiting.shift()
      if (!begin) return
      working += 1
      begin()
    }
  }

  async function look({ id, channel, cursor }: UpBody<'fetch'>): Promise<Page> {
    const denial = await permit({ action: 'subscribe', channel })
    if (denial) return { id, state: 'denied', ...whyOf(denial) }
    const page = await log.read(channel, cursor, limits.pageEvents, limits.pageChars)
    if (page.state === 'gap') {
      const { reason, head } = page
      counters.gaps[reason] += 1
      return { id, state: 'gap', epoch: head.epoch, head: head.id, reason }
    }
    const { epoch } = page
    // As it was asked for, so that the client knows it again: also the empty id, which has another name.
    const after = cursor.id
    const size = { frameEvents: limits.pageEvents, frameChars: limits.pageChars }
    const [batch] = batchesOf(page, size)
    if (!batch) return { id, state: 'events', epoch, after, events: [], more: false }
    const head = await log.position(channel)
    const more = head.id !== batch.last || head.epoch !== epoch
    return { id, state: 'events', epoch, after, events: batch.events as [EventId, string][], more }
  }

  function say(page: Page): void {
    counters.pages += 1
    const events = page.state === 'events' ? page.events.length : 0
    counters.delivered += events
    counters.replayed += events
    voice.say(['page', page])
  }

  return {
    async fetch(wanted) {
      const before = last
      const turn = new Promise<void>((resolve) => waiting.push(resolve))
      const answered = (async () => {
        await turn
        try {
          const page = await look(wanted)
          await before
          if (!isClosed) say(page)
        } finally {
          working -= 1
          work()
        }
      })()
      last = answered.catch(() => undefined)
      work()
      await answered
    },
    close() {
      isClosed = true
      stopLooking?.()
      waiting.length = 0
    },
  }
}
