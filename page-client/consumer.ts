/**
 * Owns the handling of one consumption's events in this tab, one at a time (P8): whether an offer may
 * still be begun, the run of the app's handler, and how it ended. A run that was interrupted, or that
 * took too long, may go on for a while: what becomes of it is told to nobody.
 *
 * It does not know who else handles what, nor what becomes of an event that failed.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { EventId } from '../protocol/ids.js'
import { type News, OFFER_MS, type Consumption as Wanted } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { ConsumeHandler } from './api.js'
import type { PageEnvironment } from './environment.js'
import { isPromise } from './in-order.js'
import type { Check } from './validators.js'

export type Offer = Extract<News, { kind: 'consume' }>

export interface Consumer {
  /** Returns what to wait for before this counts as begun, or as left alone. */
  take(offer: Offer): Promise<unknown> | undefined
  /** Whoever offered the event does not wait for it any more. */
  interrupt(): void
}

export interface ConsumerOptions {
  readonly wanted: Wanted
  readonly handler: ConsumeHandler<never>
  readonly check: Check
  readonly environment: Pick<PageEnvironment, 'after' | 'wall'>
  onHandled(attempt: number, event: EventId, error?: ErrorInfo): void
  onError(error: ErrorInfo, cause?: unknown): void
}

/** The broker hands an offer on when it is a second older than it may become; and a little more. */
const HANDED_ON_MS = OFFER_MS + 1_500
const TEXT_MAX = 1_000

export function createConsumer(options: ConsumerOptions): Consumer {
  const { wanted, handler, check, environment, onHandled, onError } = options
  const { channel, timeout } = wanted
  const { after, wall } = environment
  let running: AbortController | undefined

  function interrupt(): void {
    const own = running
    running = undefined
    own?.abort()
  }

  function begin({ attempt, cursor, payload, isLast }: Offer): void {
    // Of two offers the later one counts: the broker has given up the earlier.
    interrupt()
    const { id } = cursor
    const own = new AbortController()
    const { signal } = own
    running = own

    function settle(error?: ErrorInfo, cause?: unknown): void {
      if (running !== own) return
      running = undefined
      stopTimer()
      onHandled(attempt, id, error)
      const isRefused = error?.code === 'bad-event' || error?.code === 'invalid'
      if (error && (isRefused || isLast)) onError(error, cause)
    }

    const stopTimer = after(timeout, () => {
      const late = pageError('timeout', { ms: timeout })
      settle(late)
      own.abort(new PartylineError(late))
    })
    signal.addEventListener('abort', stopTimer)

    async function run(): Promise<void> {
      let value: unknown
      try {
        value = check(JSON.parse(payload))
        if (isPromise(value)) value = await value
      } catch (cause) {
        return settle(refusalOf(cause) ?? pageError('bad-event', { channel, id }), cause)
      }
      if (running !== own) return
      try {
        await handler(value as never, { channel, id, cursor, attempt, signal })
      } catch (cause) {
        return settle(failureOf(cause), cause)
      }
      settle()
    }
    void run()
  }

  return {
    interrupt,
    take(offer) {
      const age = wall() - offer.offeredAt
      if (Math.abs(age) <= OFFER_MS) return void begin(offer)
      // Somebody else is to have it, and confirmed too early it would count as begun here. A tab that
      // was frozen for longer need not wait.
      const restMs = Math.min(HANDED_ON_MS - age, HANDED_ON_MS)
      return restMs > 0 ? new Promise<void>((resolve) => after(restMs, resolve)) : undefined
    },
  }
}

/** As the validators say it. What they throw themselves is theirs, and may be anything. */
function refusalOf(cause: unknown): ErrorInfo | undefined {
  if (!(cause instanceof PartylineError)) return undefined
  const { code, details, message } = cause
  return { code, details, message } as ErrorInfo
}

/**
 * What a person may read of what a handler threw: it has to cross a port and lie on a disk, which not
 * everything can, so it is text, and not too much. Never its own code, which would be taken for ours.
 */
function failureOf(cause: unknown): ErrorInfo {
  const textOf = (part: unknown): string => String(part).slice(0, TEXT_MAX)
  let reason: string = typeof cause
  let why = typeof cause === 'string' ? textOf(cause) : ''
  try {
    if (cause instanceof Error) [reason, why] = [textOf(cause.name), textOf(cause.message)]
  } catch {
    // What cannot be read has failed all the same.
  }
  return pageError('failed', { reason, ...(why && { why }) })
}
