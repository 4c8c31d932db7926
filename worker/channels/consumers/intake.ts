/**
 * Owns what a channel has for one consumer and nobody has in hand yet, in order (P8). To the channel it
 * is a reader like any tab, an unheard one: what it takes is not seen by the origin for that.
 *
 * It takes one helping at a time and confirms it at once: what is in memory here is bounded by what a
 * channel cuts (P14), the credit is everybody's, and where the consumer stands is written elsewhere.
 * A page from the server is confirmed when it is used up, so that there is one of those too.
 */
import type { Cursor } from '../../../protocol/ids.js'
import { type From, type News, SEPARATOR } from '../../../protocol/port.js'
import type { Channels } from '../channels.js'
import { serve } from '../serve.js'
import type { Subscriber } from '../subscriber.js'
import type { Piece } from './turn.js'

export interface Intake {
  /** The server does not let us in. */
  readonly isDenied: boolean
  next(): Piece | undefined
  close(): void
}

export interface IntakeOptions {
  readonly channels: Pick<Channels, 'subscribe' | 'unsubscribe'>
  readonly channel: string
  readonly from: From
  /** There may be a next piece. Never in the middle of what the channel does. */
  onMore(): void
  /** Where the consumer stands with the server. */
  onPosition(cursor: Cursor): void
  onDenied(denial: Denial): void
}

export type Denial = Extract<News, { kind: 'denied' }>

export function createIntake(options: IntakeOptions): Intake {
  const { channels, channel, from, onMore, onPosition, onDenied } = options
  const pieces: Piece[] = []
  /** To be called when what is here is used up. */
  let receipts: (() => void)[] = []
  let marked: Subscriber | undefined
  let isWaking = false
  let isClosed = false

  function wake(): void {
    if (isWaking || isClosed) return
    isWaking = true
    void Promise.resolve().then(() => {
      isWaking = false
      if (!isClosed) onMore()
    })
  }

  function put(news: News): void {
    switch (news.kind) {
      case 'events': {
        const { epoch, ids } = news
        const payloads = news.payloads.split(SEPARATOR)
        for (const [i, id] of ids.entries()) {
          pieces.push({ kind: 'event', cursor: { epoch, id }, payload: payloads[i] ?? '' })
        }
        return
      }
      case 'gap':
        pieces.push({ kind: 'gap', cursor: news.cursor, reason: news.reason })
        return
      case 'position':
        return onPosition(news.cursor)
      case 'denied':
        onDenied(news)
    }
  }

  function refill(): void {
    const taken = receipts
    receipts = []
    for (const run of taken) run()
    const helping = marked && serve([marked])
    if (!helping) {
      marked = undefined
      return
    }
    put(helping.news)
    helping.confirm()
  }

  const outlet = {
    push(news: News, taken?: () => void): void {
      if (isClosed) return
      put(news)
      if (taken) receipts.push(taken)
      wake()
    },
    mark(reader: Subscriber): void {
      marked = reader
      wake()
    },
  }
  const subscriber = channels.subscribe({ id: 0, channel, from, isUnheard: true }, outlet)

  return {
    get isDenied() {
      return subscriber.channel.isDenied
    },
    next() {
      if (!pieces.length) refill()
      return pieces.shift()
    },
    close() {
      isClosed = true
      channels.unsubscribe(subscriber)
    },
  }
}
