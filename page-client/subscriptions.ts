/**
 * Owns this tab's subscriptions: who there is, under which numbers the broker knows them, and who is
 * told what (P6). A handler that throws, stops itself or subscribes anew touches nobody else (F40).
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Subscription as Wanted } from '../protocol/port.js'
import type { EventHandler, SubscribeOptions, Subscription } from './api.js'
import type { PageEnvironment } from './environment.js'
import { createSubscriber, type Subscriber, type Told } from './subscriber.js'
import type { Check } from './validators.js'

export interface Subscriptions {
  add(
    channel: string,
    handler: EventHandler<never>,
    given: SubscribeOptions,
    check: Check,
  ): Subscription
  /** All of them, each from where it stands: for a broker that does not know us yet. */
  wanted(): readonly Wanted[]
  /** Returns what to wait for before this counts as taken. */
  take(news: Told): Promise<unknown> | undefined
  clear(): void
}

export interface SubscriptionsOptions {
  readonly environment: Pick<PageEnvironment, 'now' | 'after' | 'random'>
  newId(): number
  onStart(wanted: Wanted): void
  onStop(id: number): void
  onHush(id: number): void
  onError(error: ErrorInfo, cause?: unknown): void
}

interface Entry {
  readonly subscriber: Subscriber
  stop(): void
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { environment, newId, onStart, onStop, onError } = options
  const entries = new Map<number, Entry>()

  const wantedOf = (id: number, { channel, from, isUnheard, history }: Subscriber): Wanted => ({
    id,
    channel,
    from: from(),
    ...(isUnheard && { isUnheard }),
    ...(history && { history }),
  })

  return {
    add(channel, handler, given, check) {
      let id = newId()
      const onMoved = (): void => {
        const old = id
        id = newId()
        entries.delete(old)
        entries.set(id, entry)
        // In this order, or the broker might forget the channel.
        onStart(wantedOf(id, subscriber))
        onStop(old)
      }
      const onUnheard = (): void => options.onHush(id)
      const about = { channel, handler, given, check, environment, onUnheard, onMoved, onError }
      const subscriber = createSubscriber(about)
      const stop = (): void => {
        subscriber.stop()
        given.signal?.removeEventListener('abort', stop)
        if (entries.delete(id)) onStop(id)
      }
      const entry = { subscriber, stop }
      if (!given.signal?.aborted) {
        given.signal?.addEventListener('abort', stop)
        entries.set(id, entry)
        onStart(wantedOf(id, subscriber))
      }
      return {
        channel,
        get cursor() {
          return subscriber.cursor
        },
        stop,
        [Symbol.dispose]: stop,
      }
    },
    wanted: () => Array.from(entries, ([id, { subscriber }]) => wantedOf(id, subscriber)),
    take(news) {
      const waits = news.subscriptions.flatMap((id) => entries.get(id)?.subscriber.take(news) ?? [])
      return waits.length ? Promise.all(waits) : undefined
    },
    clear() {
      for (const { stop } of entries.values()) stop()
    },
  }
}
