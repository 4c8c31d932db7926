/**
 * Owns what is decided while the line is up (P10): heartbeat, suspicions, leaving a server that
 * drains, and whether the connection has proved stable (F42).
 */
import type { Cause } from '../../protocol/status.js'
import { closed, type Gone, lost, violated } from './ending.js'
import { go, hangUp, open, type Rules, stay } from './rules.js'
import type { Fact, Ping, State, Step } from './state.js'

export type Online = Extract<State, { name: 'online' }>

const LATENCIES_KEPT = 20

export function whileOnline(state: Online, fact: Fact, rules: Rules): Step {
  switch (fact.type) {
    case 'heard':
      return state.ping?.by == null
        ? stay(state)
        : go({ ...state, ping: { ...state.ping, by: null } })
    case 'pong-received':
      return state.ping?.id === fact.id ? go(measured(state, state.ping, fact.now)) : stay(state)
    case 'suspected':
      return suspected(state, fact, rules)
    case 'drain-announced':
      return go({ ...state, leaveAt: fact.now + fact.inMs + fact.roll * fact.spreadMs })
    case 'deadline-passed':
      return onlineDeadline(state, fact, rules)
    case 'reconnect-asked':
      return replaceSocket(fact, rules)
    case 'socket-closed':
      return closed(goneOf(state, fact, rules), fact, rules)
    case 'violated':
      return violated(goneOf(state, fact, rules), fact, rules)
    default:
      return stay(state)
  }
}

/** The backoff starts anew only after the connection has proved stable (F42). */
export const settledAttempt = (state: Online, { now }: Fact, { timing }: Rules): number =>
  now - state.since >= timing.stableMs ? 0 : state.attempt

const goneOf = (state: Online, fact: Fact, rules: Rules): Gone => ({
  attempt: settledAttempt(state, fact, rules),
  ifLost: 'network',
  said: null,
})

function suspected(
  state: Online,
  { now, why }: Extract<Fact, { type: 'suspected' }>,
  { timing }: Rules,
): Step {
  const { ping: last } = state
  const by = now + timing.suspicionMs
  if (last?.by != null && last.by <= by) return stay(state)
  // Many tabs are shown at once when a window is. What has just answered one of them is alive; a network
  // that changed or a machine that slept is another matter, however recent the answer.
  const isFresh = last?.by === null && now - last.sentAt < timing.momentMs
  return why === 'visible' && isFresh ? stay(state) : ping(state, now, by)
}

function onlineDeadline(state: Online, fact: Fact, rules: Rules): Step {
  if (state.ping?.by != null && fact.now >= state.ping.by) {
    return lost(goneOf(state, fact, rules), 'heartbeat', fact, rules)
  }
  if (state.leaveAt !== null && fact.now >= state.leaveAt) {
    const gone = goneOf(state, fact, rules)
    // At once, unless servers keep sending us away as soon as we come (F42).
    return gone.attempt === 0
      ? replaceSocket(fact, rules, 'server-restart')
      : lost(gone, 'server-restart', fact, rules)
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

function replaceSocket(fact: Fact, rules: Rules, cause?: Cause): Step {
  const next = open(1, fact, rules, cause ? { cause, said: null } : null)
  return go(next.state, hangUp, ...next.effects)
}
