/**
 * Owns what follows when a socket is gone: by the verdict on its close code another attempt, a pause
 * or the end (P10, P11). Every wait is made here, and so is the end of all waiting.
 */
import { brokerError } from '../../protocol/sentences.js'
import type { Cause } from '../../protocol/status.js'
import { CLOSE, verdictOf } from '../../protocol/wire/close-codes.js'
import { type Patience, retryDelay } from './backoff.js'
import { explained, go, hangUp, type Rules } from './rules.js'
import type { Effect, Fact, Health, Step } from './state.js'

/** Of a socket that is gone: which attempt it was, zero if it had proved stable. */
export interface Gone {
  readonly attempt: number
  readonly ifLost: Cause
  readonly said: Health | null
}

type SocketClosed = Extract<Fact, { type: 'socket-closed' }>
type Violated = Extract<Fact, { type: 'violated' }>

export function lost(
  gone: Gone,
  cause: Cause,
  { now, roll }: Fact,
  rules: Rules,
  close = hangUp,
): Step {
  const delay = retryDelay(gone.attempt + 1, roll, rules.timing, patienceOf(gone))
  return wait(gone, cause, now + delay, rules, close)
}

/** Who was told of a restart and comes too early comes back no sooner than who waited for it (F41). */
const patienceOf = ({ ifLost }: Gone): Patience =>
  ifLost === 'server-restart' ? 'restart' : 'retry'

/** The sentence goes out with the close: it is for whoever debugs the server. */
export const violated = (gone: Gone, fact: Violated, rules: Rules): Step =>
  lost(gone, 'refused', fact, rules, {
    type: 'close-socket',
    code: CLOSE.violated,
    why: fact.why,
  })

function wait(
  { attempt, said }: Gone,
  cause: Cause,
  until: number,
  { maxAttempts = Infinity, hasHealth }: Rules,
  close: Effect,
  prescribed = false,
): Step {
  if (attempt >= maxAttempts) {
    const error = brokerError('exhausted', { attempts: attempt })
    return go({ name: 'stopped', cause, error }, close)
  }
  const next = { name: 'waiting', attempt: attempt + 1, until, cause, prescribed, said } as const
  // A line that was lost is tried first; only an attempt that failed is a reason to ask.
  const isMystery = attempt > 0 && !prescribed && cause === explained(said)
  return hasHealth && isMystery ? go(next, close, { type: 'ask-health' }) : go(next, close)
}

const CAUSE_OF: Readonly<Record<Exclude<Patience, 'retry'>, Cause>> = {
  restart: 'server-restart',
  busy: 'server-busy',
}

export function closed(gone: Gone, fact: SocketClosed, rules: Rules): Step {
  const { now, roll, code, afterMs, spreadMs } = fact
  const verdict = verdictOf(code, rules.closeCodes)
  switch (verdict) {
    case 'retry':
    case 'restart':
    case 'busy': {
      const prescribed = afterMs !== undefined || spreadMs !== undefined
      const asked = (afterMs ?? 0) + roll * (spreadMs ?? 0)
      const cause = verdict === 'retry' ? gone.ifLost : CAUSE_OF[verdict]
      const patience = verdict === 'retry' ? patienceOf(gone) : verdict
      const earned = retryDelay(gone.attempt + 1, roll, rules.timing, patience)
      return wait(gone, cause, now + Math.max(asked, earned), rules, hangUp, prescribed)
    }
    case 'unauthorized': {
      const reasons = new Set([verdict])
      const attempt = gone.attempt + 1
      const ask: Effect = { type: 'ask-token', by: 'refusal' }
      return go({ name: 'paused', reasons, attempt, before: null }, hangUp, ask)
    }
    case 'superseded':
      return go({ name: 'stopped', cause: 'superseded' }, hangUp)
    case 'fatal': {
      const cause: Cause = code === CLOSE.forbidden ? 'refused' : 'fatal'
      const why = fact.why || `close code ${code}`
      const error = brokerError('rejected', { reason: String(code), why })
      return go({ name: 'stopped', cause, error }, hangUp)
    }
  }
}
