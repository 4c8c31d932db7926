/**
 * Owns pausing (a pause is a set of reasons, not a switch): what it interrupts, what still counts
 * while it lasts, and how the line goes on. It does not know who gives a reason, nor why.
 *
 * A refused token is a reason like the others, so that a person who pauses and resumes meanwhile does
 * not send it once more.
 */
import { retryDelay } from './backoff.js'
import { settledAttempt } from './online.js'
import { go, hangUp, open, type Rules, stay } from './rules.js'
import type { Effect, Fact, PauseReason, State, Step } from './state.js'

type Paused = Extract<State, { name: 'paused' }>

const askToken: Effect = { type: 'ask-token', by: 'somebody' }

/** From any state but `paused`. */
export function pause(
  state: Exclude<State, Paused>,
  fact: Fact,
  rules: Rules,
  reason: PauseReason,
): Step {
  const reasons = new Set([reason])
  switch (state.name) {
    case 'idle':
      return state.reasons.has(reason)
        ? stay(state)
        : go({ ...state, reasons: new Set([...state.reasons, reason]) })
    case 'waiting': {
      const { attempt, prescribed } = state
      return go({ name: 'paused', reasons, attempt, before: prescribed ? state : null })
    }
    case 'opening':
    case 'greeting':
      return go({ name: 'paused', reasons, attempt: state.attempt, before: null }, hangUp)
    case 'online': {
      const attempt = settledAttempt(state, fact, rules) + 1
      return go({ name: 'paused', reasons, attempt, before: null }, hangUp)
    }
    case 'stopped':
      return go({ name: 'paused', reasons, attempt: 1, before: state })
  }
}

export function whilePaused(state: Paused, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'pause-asked':
      return state.reasons.has(fact.reason)
        ? stay(state)
        : go({ ...state, reasons: new Set([...state.reasons, fact.reason]) })
    case 'resume-asked':
      return lift(state, fact, rules, fact.reason)
    case 'token-changed':
      return lift(state, fact, rules, 'unauthorized')
    case 'reconnect-asked':
    case 'suspected':
      return isOnlyUnauthorized(state) ? go(state, askToken) : stay(state)
    default:
      return stay(state)
  }
}

function lift(state: Paused, fact: Fact, rules: Rules, reason: PauseReason): Step {
  const reasons = new Set(state.reasons)
  if (!reasons.delete(reason)) return stay(state)
  if (reasons.size) {
    const left = { ...state, reasons }
    return isOnlyUnauthorized(left) ? go(left, askToken) : go(left)
  }
  const { attempt, before } = state
  switch (reason) {
    case 'user':
      return open(attempt, fact, rules, before?.name === 'waiting' ? before : null)
    case 'hidden':
      // Being seen again is no reason to come before the time that the server has named (P11).
      if (before?.name === 'stopped') return go(before)
      return before && before.until > fact.now ? go(before) : open(attempt, fact, rules, before)
    case 'unauthorized':
      return withNewToken(attempt, fact, rules)
  }
}

const isOnlyUnauthorized = ({ reasons }: Paused): boolean =>
  reasons.size === 1 && reasons.has('unauthorized')

/** One fresh token is tried at once. An `auth` that makes ever new bad ones is slowed down. */
function withNewToken(attempt: number, fact: Fact, rules: Rules): Step {
  if (attempt <= 2) return open(attempt, fact, rules)
  const until = fact.now + retryDelay(attempt, fact.roll, rules.timing)
  return go({ name: 'waiting', attempt, until, cause: 'auth', prescribed: true, said: null })
}
