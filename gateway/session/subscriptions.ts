/**
 * Owns the channels of one connection: who may hear them, what is answered to a subscription, and
 * their end. How events travel is the pump's business.
 */

import type { ChannelAnswer } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import type { Lease } from '../hub/hub.js'
import { type Permit, whyOf } from './permit.js'
import type { Pump, Reader } from './pump.js'
import type { Wiring } from './wiring.js'

export interface Subscriptions {
  /** Rejects when the log or the app fails: then nobody knows the answer. */
  open(request: UpBody<'subscribe'>): Promise<Opened>
  end(channel: string): void
  readonly size: number
  close(): void
}

export interface Opened {
  readonly answer: ChannelAnswer
  /** To be called when the answer is on its way: events follow it, never before. */
  readonly start: () => void
}

export interface SubscriptionsOptions {
  readonly wiring: Wiring
  readonly permit: Permit
  readonly pump: Pump
  /** The channel is heard from now on; returns the way out. */
  readonly onStarted: (channel: string) => () => void
}

interface Subscription {
  opening?: Promise<Opened>
  /** Undefined while it opens. */
  reader?: Reader
  end?: () => void
}

const final = (answer: ChannelAnswer): Opened => ({ answer, start: () => undefined })

export function createSubscriptions({
  wiring,
  permit,
  pump,
  onStarted,
}: SubscriptionsOptions): Subscriptions {
  const { hub, counters, limits } = wiring
  const subscriptions = new Map<string, Subscription>()

  async function locate(
    { channel, cursor }: UpBody<'subscribe'>,
    { feed }: Lease,
  ): Promise<{ answer: ChannelAnswer; position: Reader['position'] }> {
    if (!cursor) {
      const position = feed.head
      return { answer: { channel, state: 'ok', ...position }, position }
    }
    const page = await feed.read(cursor, 1)
    if (page.state === 'gap') {
      counters.gaps[page.reason] += 1
      const answer = { channel, state: 'gap', ...page.head, reason: page.reason } as const
      return { answer, position: page.head }
    }
    const position = { epoch: page.epoch, id: page.after }
    if (!page.events.length) return { answer: { channel, state: 'ok', ...position }, position }
    const head = feed.head.id
    return { answer: { channel, state: 'replay', ...position, head }, position }
  }

  function end(channel: string): void {
    const subscription = subscriptions.get(channel)
    subscriptions.delete(channel)
    subscription?.end?.()
  }

  async function establish(
    request: UpBody<'subscribe'>,
    subscription: Subscription,
  ): Promise<Opened> {
    const { channel } = request
    const isCurrent = (): boolean => subscriptions.get(channel) === subscription
    const denial = await permit({ action: 'subscribe', channel })
    if (denial) {
      if (isCurrent()) subscriptions.delete(channel)
      return final({ channel, state: 'denied', ...whyOf(denial) })
    }
    const lease = await hub.lease(channel)
    try {
      const { answer, position } = await locate(request, lease)
      if (!isCurrent()) {
        lease.end()
        return final(answer)
      }
      const reader: Reader = { feed: lease.feed, position, state: 'held' }
      const leave = lease.feed.join((batch) => pump.take(reader, batch))
      let stopHearing: (() => void) | undefined
      subscription.reader = reader
      subscription.end = () => {
        leave()
        lease.end()
        pump.remove(reader)
        stopHearing?.()
      }
      const start = (): void => {
        pump.start(reader)
        if (isCurrent()) stopHearing = onStarted(channel)
      }
      return { answer, start }
    } catch (error) {
      lease.end()
      throw error
    }
  }

  /** "I still want it" must not skip what is on its way, nor what is about to be (F40). */
  async function confirm(channel: string, present: Subscription): Promise<Opened> {
    const opened = await present.opening
    const { reader } = present
    // Refused, or ended meanwhile.
    if (!reader) return final(opened?.answer ?? { channel, state: 'denied' })
    return {
      // Looked at when it is said: events may go out until then.
      get answer() {
        return { channel, state: 'ok', ...reader.position } as const
      },
      start: () => undefined,
    }
  }

  return {
    open(request) {
      const { channel, cursor } = request
      const present = subscriptions.get(channel)
      if (present && !cursor) return confirm(channel, present)
      end(channel)
      if (subscriptions.size >= limits.channels) {
        const why = `more than ${limits.channels} channels`
        return Promise.resolve(final({ channel, state: 'denied', why }))
      }
      const subscription: Subscription = {}
      subscriptions.set(channel, subscription)
      const opening = establish(request, subscription)
      subscription.opening = opening
      return opening
    },
    end,
    get size() {
      return subscriptions.size
    },
    close() {
      for (const channel of [...subscriptions.keys()]) end(channel)
    },
  }
}
