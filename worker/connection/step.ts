/**
 * Owns every decision about the connection: `step(state, fact)`, pure, the table of docs/STATES.md
 * in code (P10, P11). It does not know sockets, timers or frames; connection.ts does what it says.
 *
 * "Nothing happens" returns the same reference.
 */
import { brokerError } from '../../protocol/sentences.js'
import type { Cause } from '../../protocol/status.js'
import { CLOSE, type Verdict, verdictOf } from '../../protocol/wire/close-codes.js'
import { type Patience, retryDelay } from './backoff.js'
import type { Effect, Fact, Ping, State, Step } from './state.js'
import type { Timing } from './timing.js'

export interface Rules {
  readonly timing: Timing
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
}

type Online = Extract<State, { name: 'online' }>
type Waiting = Extract<State, { name: 'waiting' }>
type Pending = Extract<State, { name: 'opening' | 'greeting' }>
type SocketClosed = Extract<Fact, { type: 'socket-closed' }>

const LATENCIES_KEPT = 20

const stay = (state: State): Step => ({ state, effects: [] })
const go = (state: State, ...effects: Effect[]): Step => ({ state, effects })
const hangUp: Effect = { type: 'close-socket', code: CLOSE.normal }

export function step(state: State, fact: Fact, rules: Rules): Step {
  if (fact.type === 'closed-by-us') {
    return state.name === 'idle' ? stay(state) : go({ name: 'idle' }, hangUp)
  }
  switch (state.name) {
    case 'idle':
      return fact.type === 'started' ? open(1, fact, rules) : stay(state)
    case 'waiting':
      return whileWaiting(state, fact, rules)
    case 'opening':
    case 'greeting':
      return whilePending(state, fact, rules)
    case 'online':
      return whileOnline(state, fact, rules)
    case 'unauthorized':
      if (fact.type === 'token-changed') return withNewToken(state.attempt, fact, rules)
      return fact.type === 'reconnect-asked' || fact.type === 'suspected'
        ? go(state, { type: 'ask-token' })
        : stay(state)
    case 'stopped':
      return fact.type === 'reconnect-asked' ? open(1, fact, rules) : stay(state)
  }
}

/** When the state wants to hear `deadline-passed`, or null. */
export function deadlineOf(state: State): number | null {
  switch (state.name) {
    case 'waiting':
    case 'opening':
    case 'greeting':
      return state.until
    case 'online':
      return Math.min(state.ping?.by ?? Infinity, state.pingAt, state.leaveAt ?? Infinity)
    default:
      return null
  }
}

function open(attempt: number, fact: Fact, { timing }: Rules, before?: Cause): Step {
  const until = fact.now + timing.connectMs
  const ifLost = before === 'server-restart' ? before : 'network'
  return go({ name: 'opening', attempt, until, ifLost }, { type: 'open-socket' })
}

function whileWaiting(state: Waiting, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'deadline-passed':
      return fact.now < state.until ? stay(state) : open(state.attempt, fact, rules, state.cause)
    case 'reconnect-asked':
      return open(state.attempt, fact, rules, state.cause)
    case 'suspected': {
      const until = fact.now + fact.roll * rules.timing.firstRetryMs
      return state.prescribed || until >= state.until ? stay(state) : go({ ...state, until })
    }
    default:
      return stay(state)
  }
}

function whilePending(state: Pending, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'socket-opened':
      return state.name === 'greeting'
        ? stay(state)
        : go(
            { ...state, name: 'greeting', until: fact.now + rules.timing.connectMs },
            { type: 'greet' },
          )
    case 'welcomed':
      return state.name === 'opening'
        ? stay(state)
        : go({
            name: 'online',
            attempt: state.attempt,
            since: fact.now,
            intervalMs: fact.intervalMs,
            timeoutMs: fact.timeoutMs,
            pingAt: fact.now + fact.intervalMs,
            ping: null,
            latencies: [],
            leaveAt: null,
          })
    case 'socket-closed':
      return closed(state.attempt, fact, rules, state.ifLost)
    case 'violated':
      return lost(state.attempt, 'refused', fact, rules, fact.why)
    case 'deadline-passed':
      return fact.now < state.until ? stay(state) : lost(state.attempt, state.ifLost, fact, rules)
    default:
      return stay(state)
  }
}

function whileOnline(state: Online, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'heard':
      return state.ping?.by == null
        ? stay(state)
        : go({ ...state, ping: { ...state.ping, by: null } })
    case 'pong-received':
      return state.ping?.id === fact.id ? go(measured(state, state.ping, fact.now)) : stay(state)
    case 'suspected': {
      const by = fact.now + rules.timing.suspicionMs
      return state.ping?.by != null && state.ping.by <= by ? stay(state) : ping(state, fact.now, by)
    }
    case 'drain-announced':
      return go({ ...state, leaveAt: fact.now + fact.inMs + fact.roll * fact.spreadMs })
    case 'deadline-passed':
      return onlineDeadline(state, fact, rules)
    case 'reconnect-asked':
      return replaceSocket(fact, rules)
    case 'socket-closed':
      return closed(settledAttempt(state, fact, rules), fact, rules)
    case 'violated':
      return lost(settledAttempt(state, fact, rules), 'refused', fact, rules, fact.why)
    default:
      return stay(state)
  }
}

function onlineDeadline(state: Online, fact: Fact, rules: Rules): Step {
  if (state.ping?.by != null && fact.now >= state.ping.by) {
    return lost(settledAttempt(state, fact, rules), 'heartbeat', fact, rules)
  }
  if (state.leaveAt !== null && fact.now >= state.leaveAt) {
    // At once, unless servers keep sending us away as soon as we come (F42).
    return settledAttempt(state, fact, rules) === 0
      ? replaceSocket(fact, rules, 'server-restart')
      : lost(state.attempt, 'server-restart', fact, rules)
  }
  if (fact.now >= state.pingAt) return ping(state, fact.now, fact.now + state.timeoutMs)
  return stay(state)
}

function ping(state: Online, now: number, deadline: number): Step {
  const id = (state.ping?.id ?? 0) + 1
  // An unanswered one keeps its deadline, or a timeout above the interval would never pass (P10).
  const by = Math.min(state.ping?.by ?? Infinity, deadline)
  return go(
    { ...state, pingAt: now + state.intervalMs, ping: { id, sentAt: now, by } },
    { type: 'send-ping', id },
  )
}

function measured(state: Online, { id, sentAt }: Ping, now: number): State {
  const latencies = [...state.latencies, now - sentAt].slice(-LATENCIES_KEPT)
  // The id moves on, so that an echo of the same pong is not measured twice.
  return { ...state, latencies, ping: { id: id + 1, sentAt, by: null } }
}

/** One fresh token is tried at once. An `auth` that makes ever new bad ones is slowed down. */
function withNewToken(attempt: number, fact: Fact, rules: Rules): Step {
  if (attempt <= 2) return open(attempt, fact, rules)
  const until = fact.now + retryDelay(attempt, fact.roll, rules.timing)
  return go({ name: 'waiting', attempt, until, cause: 'auth', prescribed: true })
}

function replaceSocket(fact: Fact, rules: Rules, why?: Cause): Step {
  const next = open(1, fact, rules, why)
  return go(next.state, hangUp, ...next.effects)
}

/** The backoff starts anew only after the connection has proved stable (F42). */
const settledAttempt = (state: Online, fact: Fact, { timing }: Rules): number =>
  fact.now - state.since >= timing.stableMs ? 0 : state.attempt

function lost(attempt: number, cause: Cause, fact: Fact, rules: Rules, violation?: string): Step {
  const until = fact.now + retryDelay(attempt + 1, fact.roll, rules.timing)
  const close: Effect =
    violation === undefined
      ? hangUp
      : { type: 'close-socket', code: CLOSE.violated, why: violation }
  return go({ name: 'waiting', attempt: attempt + 1, until, cause, prescribed: false }, close)
}

const CAUSE_OF: Readonly<Record<Exclude<Patience, 'retry'>, Cause>> = {
  restart: 'server-restart',
  busy: 'server-busy',
}

function closed(
  attempt: number,
  fact: SocketClosed,
  rules: Rules,
  ifLost: Cause = 'network',
): Step {
  const verdict = verdictOf(fact.code, rules.closeCodes)
  switch (verdict) {
    case 'retry':
    case 'restart':
    case 'busy': {
      const prescribed = fact.afterMs !== undefined || fact.spreadMs !== undefined
      const asked = (fact.afterMs ?? 0) + fact.roll * (fact.spreadMs ?? 0)
      const earned = retryDelay(attempt + 1, fact.roll, rules.timing, verdict)
      const until = fact.now + Math.max(asked, earned)
      const cause = verdict === 'retry' ? ifLost : CAUSE_OF[verdict]
      return go({ name: 'waiting', attempt: attempt + 1, until, cause, prescribed }, hangUp)
    }
    case 'unauthorized':
      return go({ name: 'unauthorized', attempt: attempt + 1 }, hangUp, { type: 'ask-token' })
    case 'superseded':
      return go({ name: 'stopped', cause: 'superseded' }, hangUp)
    case 'fatal': {
      const cause: Cause = fact.code === CLOSE.forbidden ? 'refused' : 'fatal'
      const why = fact.why || `close code ${fact.code}`
      return go(
        {
          name: 'stopped',
          cause,
          error: brokerError('rejected', { reason: String(fact.code), why }),
        },
        hangUp,
      )
    }
  }
}
