/**
 * Owns the requests of one connection: each is answered once, by this connection or not at all. An
 * answer that nobody waits for any more is thrown away, and whoever works on it is told so (P12).
 *
 * What the app works on is bounded in number, also after the client has lost interest: a responder
 * that heeds no signal cannot be piled up (P14).
 */
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { parseJson, toJson } from '../operations/json.js'
import { TookTooLong } from '../operations/patience.js'
import type { Responder } from '../operations/requests.js'
import { Refusal } from '../refusal.js'
import { Unauthorized } from '../unauthorized.js'
import type { Authority } from './authority.js'
import { type Denial, denialOf, type Permit } from './permit.js'
import type { Voice } from './voice.js'
import type { Wiring } from './wiring.js'

export interface Requests {
  /** False: its id is that of another one that is not answered yet. */
  take(request: Request): boolean
  /** It is not answered any more. */
  cancel(id: number): void
  close(): void
}

export interface RequestsOptions {
  readonly wiring: Wiring
  readonly permit: Permit
  readonly authority: Authority
  readonly client: string
  readonly voice: Voice
}

type Request = UpBody<'request'>

interface Waiting {
  readonly abort: AbortController
  stopTimer?: () => void
}

export function createRequests(options: RequestsOptions): Requests {
  const { wiring, permit, authority, client, voice } = options
  const { clock, limits, counters, logger, patience, requests } = wiring
  /** Not answered yet, by id. */
  const waiting = new Map<number, Waiting>()
  let working = 0

  function say(response: DownBody<'response'>): void {
    counters.requests += 1
    if (response.error) counters.requestErrors += 1
    voice.say(['response', response])
  }

  /** False: nobody waits for it any more. */
  function settle(id: number, mine: Waiting): boolean {
    if (waiting.get(id) !== mine) return false
    waiting.delete(id)
    mine.stopTimer?.()
    return true
  }

  function fail(id: number, mine: Waiting, error: unknown, type: string): void {
    if (!settle(id, mine)) return
    const known = errorOf(error)
    if (!known) logger('error', 'request-failed', { type, error })
    say({ id, error: known ?? { code: 'failed' } })
    if (error instanceof TookTooLong) mine.abort.abort(error)
  }

  async function work(request: Request, responder: Responder, { signal }: AbortController) {
    const { type, channel, payload } = request
    if (payload !== undefined && payload.length > limits.payload) {
      throw new Refusal('too-large', `${payload.length} characters exceed ${limits.payload}`)
    }
    const parsed = payload === undefined ? undefined : parseJson(payload)
    const denial = await permit({ action: 'request', type, channel })
    if (denial) throw new Refusal(denial.code, denial.why)
    // Cancelled, or too late, while the app was asked: it need not begin.
    signal.throwIfAborted()
    const { identity, claims } = authority.caller
    const result = await responder(parsed, { type, identity, claims, client, channel, signal })
    return result === undefined ? undefined : toJson(result, limits.response)
  }

  async function answer(request: Request, responder: Responder): Promise<void> {
    const { id, type, timeout = Infinity } = request
    const mine: Waiting = { abort: new AbortController() }
    waiting.set(id, mine)
    const late = (error: TookTooLong): void => fail(id, mine, error, type)
    if (timeout < limits.appMs) {
      mine.stopTimer = clock.after(timeout, () => late(new TookTooLong(`not in ${timeout} ms`)))
    }
    working += 1
    try {
      const result = await patience(work(request, responder, mine.abort))
      if (settle(id, mine)) say(result === undefined ? { id } : { id, result })
    } catch (error) {
      fail(id, mine, error, type)
    } finally {
      working -= 1
    }
  }

  return {
    take(request) {
      const { id, type } = request
      if (waiting.has(id)) return false
      const responder = Object.hasOwn(requests, type) ? requests[type] : undefined
      if (!responder) say({ id, error: { code: 'unknown-type', why: type } })
      else if (working >= limits.requests) say({ id, error: { code: 'too-many' } })
      else void answer(request, responder)
      return true
    },
    cancel(id) {
      const mine = waiting.get(id)
      if (!mine || !settle(id, mine)) return
      mine.abort.abort(new Error('cancelled'))
    },
    close() {
      for (const [id, mine] of [...waiting]) {
        settle(id, mine)
        mine.abort.abort(new Error('the connection has ended'))
      }
    },
  }
}

/** Undefined: nothing that a client should know of. */
function errorOf(error: unknown): Denial | undefined {
  if (error instanceof Refusal) return denialOf(error)
  if (error instanceof TookTooLong) return { code: 'timeout' }
  if (!(error instanceof Unauthorized)) return undefined
  return error.why === undefined ? { code: 'auth' } : { code: 'auth', why: error.why }
}
