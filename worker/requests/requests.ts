/**
 * Owns the questions that the server is asked and that nobody keeps: each is answered once, by the
 * server or with the reason why there is no answer, and none hangs (P12). A question dies with its
 * connection, because nobody can say whether it was heard.
 *
 * It does not know tabs: whoever asks holds the promise, so nobody else can be given the answer.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { NewRequest, RequestReply } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock } from '../clock.js'
import { badName } from '../names.js'

export interface Asked {
  readonly reply: Promise<RequestReply>
  /** Nobody waits for it any more. */
  cancel(): void
}

export interface Requests {
  ask(request: NewRequest): Asked
  responded(frame: DownBody<'response'>): void
  /** The connection is gone, and with it every answer. */
  lost(): void
  close(): void
}

export interface RequestsOptions {
  readonly clock: Clock
  isOnline(): boolean
  /** Whether this server takes requests. */
  isOffered(): boolean
  /** The longest payload that the server takes. */
  payloadLimit(): number
  transmit(frames: readonly UpFrame[]): void
  /** The server wants a fresher token than it has. */
  onTokenNeeded(): void
}

/** Unanswered over all tabs; whoever asks faster than that is not waiting for answers. */
export const REQUESTS_MAX = 1_000
/** What a timer can wait, and what the wire can say. */
const TIMEOUT_MAX = 2 ** 31 - 1

export function createRequests(options: RequestsOptions): Requests {
  const { clock, transmit } = options
  const waiting = new Map<number, (reply: RequestReply) => void>()
  let nextId = 1

  /** Why it cannot even be asked. */
  function refusalOf({ type, channel, payload, timeout }: NewRequest): ErrorInfo | undefined {
    const error =
      badName('type', type) ?? (channel === undefined ? undefined : badName('channel', channel))
    if (error) return error
    // Not `timeout < 0`: it may be no number at all.
    if (typeof timeout !== 'number' || !(timeout >= 0)) {
      return brokerError('bad-option', { option: 'timeout', expected: 'milliseconds from 0' })
    }
    if (!options.isOnline()) return brokerError('offline', {})
    if (!options.isOffered()) return brokerError('unsupported', { feature: 'requests' })
    const limit = options.payloadLimit()
    const size = payload?.length ?? 0
    if (size > limit) return brokerError('too-large', { size, limit })
    if (waiting.size < REQUESTS_MAX) return undefined
    return brokerError('failed', { reason: 'too-many', why: `${REQUESTS_MAX} wait already` })
  }

  function interrupt(): void {
    for (const settle of [...waiting.values()]) settle(failure(brokerError('interrupted', {})))
  }

  return {
    ask(request) {
      const refusal = refusalOf(request)
      if (refusal) return { reply: Promise.resolve(failure(refusal)), cancel() {} }
      const { type, channel, payload } = request
      const timeout = Math.min(request.timeout, TIMEOUT_MAX)
      const id = nextId++
      let giveUp = (_: ErrorInfo): void => {}
      const reply = new Promise<RequestReply>((resolve) => {
        const stopTimer = clock.after(timeout, () =>
          giveUp(brokerError('timeout', { ms: timeout })),
        )
        waiting.set(id, (answer) => {
          waiting.delete(id)
          stopTimer()
          resolve(answer)
        })
        giveUp = (error) => {
          const settle = waiting.get(id)
          if (!settle) return
          settle(failure(error))
          transmit([['cancel', { id }]])
        }
      })
      const optional = {
        ...(channel !== undefined && { channel }),
        ...(payload !== undefined && { payload }),
      }
      transmit([['request', { id, type, ...optional, timeout }]])
      return { reply, cancel: () => giveUp(brokerError('aborted', {})) }
    },

    responded({ id, result, error }) {
      // Too late, or not ours: it was answered here already.
      const settle = waiting.get(id)
      if (!settle) return
      if (!error) return settle({ ok: true, ...(result !== undefined && { result }) })
      const { code, why } = error
      settle(failure(brokerError('failed', { reason: code, ...(why !== undefined && { why }) })))
      if (code === 'auth') options.onTokenNeeded()
    },

    lost: interrupt,
    close: interrupt,
  }
}

const failure = (error: ErrorInfo): RequestReply => ({ ok: false, error })
