/**
 * Owns every decision about the connection: `step(state, fact)`, pure, the table of docs/STATES.md
 * in code (P10, P11). It does not know sockets, timers or frames; connection.ts does what it says.
 * What happens while online, when paused and after an end is decided next door.
 *
 * "Nothing happens" returns the same reference.
 */
import { closed, lost, violated } from './ending.js'
import { whileOnline } from './online.js'
import { pause, whilePaused } from './pause.js'
import { explained, go, hangUp, open, type Rules, stay } from './rules.js'
import type { Fact, Reasons, State, Step, Waiting } from './state.js'

type Idle = Extract<State, { name: 'idle' }>
type Pending = Extract<State, { name: 'opening' | 'greeting' }>
type Suspected = Extract<Fact, { type: 'suspected' }>
type HealthTold = Extract<Fact, { type: 'health-told' }>

const NONE: Reasons = new Set()

export const IDLE: Idle = { name: 'idle', reasons: NONE }

export function step(state: State, fact: Fact, rules: Rules): Step {
  if (fact.type === 'closed-by-us') return state.name === 'idle' ? stay(state) : go(IDLE, hangUp)
  if (state.name === 'paused') return whilePaused(state, fact, rules)
  if (fact.type === 'pause-asked') return pause(state, fact, rules, fact.reason)
  switch (state.name) {
    case 'idle':
      return whileIdle(state, fact, rules)
    case 'waiting':
      return whileWaiting(state, fact, rules)
    case 'opening':
    case 'greeting':
      return whilePending(state, fact, rules)
    case 'online':
      return whileOnline(state, fact, rules)
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

function whileIdle(state: Idle, fact: Fact, rules: Rules): Step {
  const { reasons } = state
  switch (fact.type) {
    case 'started':
      return reasons.size
        ? go({ name: 'paused', reasons, attempt: 1, before: null })
        : open(1, fact, rules)
    case 'resume-asked': {
      const left = new Set(reasons)
      return left.delete(fact.reason) ? go({ ...state, reasons: left }) : stay(state)
    }
    default:
      return stay(state)
  }
}

function whileWaiting(state: Waiting, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'deadline-passed':
      return fact.now < state.until ? stay(state) : open(state.attempt, fact, rules, state)
    case 'reconnect-asked':
      return open(state.attempt, fact, rules, state)
    case 'suspected':
      return sooner(state, fact, rules)
    case 'health-told':
      return healthTold(state, fact, rules)
    default:
      return stay(state)
  }
}

function sooner(state: Waiting, fact: Fact, rules: Rules): Step {
  const until = fact.now + fact.roll * rules.timing.firstRetryMs
  return state.prescribed || until >= state.until ? stay(state) : go({ ...state, until })
}

/**
 * The first good word brings the attempt forward. If that fails too, it was not the network, and the
 * backoff goes on as it was: an address that is well while sockets are refused must not undo it (F42).
 */
function healthTold(state: Waiting, fact: HealthTold, rules: Rules): Step {
  const { prescribed, cause, said } = state
  const isMystery = cause === 'network' || cause === explained(said)
  if (prescribed || !isMystery || fact.health === said) return stay(state)
  if (fact.health === 'well') return sooner({ ...state, said: 'well' }, fact, rules)
  return go({ ...state, said: fact.health, cause: explained(fact.health) })
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
    case 'suspected':
      return hurried(state, fact, rules)
    case 'socket-closed':
      return closed(state, fact, rules)
    case 'violated':
      return violated(state, fact, rules)
    case 'deadline-passed':
      return fact.now < state.until ? stay(state) : lost(state, state.ifLost, fact, rules)
    default:
      return stay(state)
  }
}

/**
 * An attempt that began before the network came back or the machine slept may hang for long. One that
 * was just made, perhaps for the same reason, is left alone.
 */
function hurried(state: Pending, { why, now }: Suspected, { timing }: Rules): Step {
  const { connectMs, suspicionMs } = timing
  const until = now + suspicionMs
  const isOld = now - (state.until - connectMs) >= suspicionMs
  const isDoubtful = why === 'woke' || (why === 'online' && isOld)
  return isDoubtful && until < state.until ? go({ ...state, until }) : stay(state)
}
