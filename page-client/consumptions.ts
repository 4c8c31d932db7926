/**
 * Owns what this tab offers to handle for the whole origin (P8): which consumptions there are, under
 * which numbers the broker knows them, and who is told what. Another broker begins from the disk and
 * may offer the same event again, so what the last one offered is over when there is another.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Consumption as Wanted } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { ConsumeHandler, ConsumeOptions, Consumption } from './api.js'
import { type Consumer, createConsumer, type Offer } from './consumer.js'
import type { PageEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import type { RemoteBroker } from './remote-broker.js'
import type { Told } from './subscriber.js'
import type { Check } from './validators.js'

export interface Consumptions {
  add(
    channel: string,
    name: string,
    handler: ConsumeHandler<never>,
    given: ConsumeOptions,
    check: Check,
  ): Consumption
  /** For a broker that does not know us yet. */
  wanted(): readonly Wanted[]
  /** Returns what to wait for before this counts as taken. */
  take(offer: Offer): Promise<unknown> | undefined
  /** Whoever it is meant for. */
  told(news: Told): void
  /** The broker is gone, or another. */
  interrupt(): void
  clear(): void
}

export interface ConsumptionsOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'wall'>
  newId(): number
  broker(): Pick<RemoteBroker, 'consume' | 'stopConsuming' | 'handled'> | undefined
  onError(error: ErrorInfo, cause?: unknown): void
}

interface Entry {
  readonly wanted: Wanted
  readonly consumer: Consumer
  readonly onGap: ConsumeOptions['onGap']
  stop(): void
}

const MAX_ATTEMPTS = 5
const TIMEOUT_MS = 30_000

export function createConsumptions(options: ConsumptionsOptions): Consumptions {
  const { environment, broker, onError } = options
  const entries = new Map<number, Entry>()

  function interrupt(): void {
    for (const { consumer } of entries.values()) consumer.interrupt()
  }

  return {
    add(channel, name, handler, given, check) {
      const { maxAttempts = MAX_ATTEMPTS, timeout = TIMEOUT_MS, signal, onGap } = given
      const id = options.newId()
      const wanted = { id, channel, name, maxAttempts, timeout }
      const consumer = createConsumer({
        wanted,
        handler,
        check,
        environment,
        onHandled: (...how) => void broker()?.handled(id, ...how),
        onError,
      })
      const stop = (): void => {
        signal?.removeEventListener('abort', stop)
        if (entries.delete(id)) void broker()?.stopConsuming(id)
        consumer.interrupt()
      }
      if (!signal?.aborted) {
        signal?.addEventListener('abort', stop)
        entries.set(id, { wanted, consumer, onGap, stop })
        void broker()?.consume(wanted)
      }
      return { channel, name, stop, [Symbol.dispose]: stop }
    },
    wanted: () => Array.from(entries.values(), ({ wanted }) => wanted),
    take: (offer) => entries.get(offer.consumption)?.consumer.take(offer),
    told(news) {
      for (const { onGap } of news.subscriptions.flatMap((id) => entries.get(id) ?? [])) {
        if (news.kind === 'denied') onError(news.error)
        if (news.kind !== 'gap') continue
        const { channel, reason, cursor } = news
        const { id } = cursor
        if (!onGap) onError(pageError('gap', { channel, reason }))
        guarded(
          () => onGap?.({ channel, reason, cursor }),
          (cause) => onError(pageError('bad-event', { channel, id }), cause),
        )
      }
    },
    interrupt,
    clear() {
      for (const { stop } of entries.values()) stop()
    },
  }
}
