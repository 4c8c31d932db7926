/**
 * Owns the requests of this tab: each is answered once, by the broker that it was handed to or by the
 * reason why that one cannot answer any more (P12). Handed over when a broker has answered our hello,
 * because what is posted before may be lost without a word; what was handed over is never asked again,
 * because it may have been done.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { NewRequest } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { PageEnvironment } from './environment.js'
import type { RemoteBroker } from './remote-broker.js'

type Asked = Pick<RemoteBroker, 'request' | 'cancel'>

export interface Requests {
  /** Resolves with the text of the result, if there is one. */
  ask(request: NewRequest, signal?: AbortSignal): Promise<string | undefined>
  /** A broker has answered us. */
  handOver(broker: Asked): void
  /** Whoever they were handed to is gone, or another. */
  interrupt(): void
  failAll(error: ErrorInfo): void
}

export interface RequestsOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'now'>
  /** Undefined until it has answered us. */
  broker(): Asked | undefined
}

interface Waiting {
  readonly request: NewRequest
  readonly endsAt: number
  isHandedOver: boolean
  resolve(result: string | undefined): void
  reject(error: ErrorInfo, cause?: unknown): void
}

export function createRequests({ environment, broker }: RequestsOptions): Requests {
  const { after, now } = environment
  const waiting = new Map<number, Waiting>()
  let nextId = 1

  function handOver(to: Asked, id: number, one: Waiting): void {
    if (one.isHandedOver) return
    one.isHandedOver = true
    const timeout = Math.max(1, Math.ceil(one.endsAt - now()))
    to.request(id, { ...one.request, timeout }).then(
      (reply) => (reply.ok ? one.resolve(reply.result) : one.reject(reply.error)),
      (cause) => one.reject(pageError('interrupted', {}), cause),
    )
  }

  function ask(request: NewRequest, signal?: AbortSignal): Promise<string | undefined> {
    const { timeout: ms } = request
    const id = nextId++
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiting.delete(id)
        stopTimer()
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const one: Waiting = {
        request,
        endsAt: now() + ms,
        isHandedOver: false,
        resolve: (result) => end(() => resolve(result)),
        reject: (error, cause) => end(() => reject(new PartylineError(error, { cause }))),
      }
      const giveUp = (error: ErrorInfo, cause?: unknown): void => {
        if (one.isHandedOver) void broker()?.cancel(id)
        one.reject(error, cause)
      }
      const abort = (): void => giveUp(pageError('aborted', {}), signal?.reason)
      // The broker's clock is the better one; this is for when there is no broker, or a hung one.
      const stopTimer = after(ms, () => giveUp(pageError('timeout', { ms })))
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort)
      waiting.set(id, one)
      const to = broker()
      if (to) handOver(to, id, one)
    })
  }

  return {
    ask,
    handOver(to) {
      for (const [id, one] of waiting) handOver(to, id, one)
    },
    interrupt() {
      for (const one of waiting.values()) {
        if (one.isHandedOver) one.reject(pageError('interrupted', {}))
      }
    },
    failAll(error) {
      for (const one of waiting.values()) one.reject(error)
    },
  }
}
