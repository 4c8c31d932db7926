/**
 * Owns one specimen of each state and each fact of the connection machine, and how to write down what
 * one does to the other: `state + effects`, as docs/STATES.md does.
 */
import { CLOSE } from '../protocol/wire/close-codes.js'
import type { Rules } from '../worker/connection/rules.js'
import type { Fact, Happening, State, Step } from '../worker/connection/state.js'
import { IDLE, step } from '../worker/connection/step.js'
import { TIMING } from '../worker/connection/timing.js'

export const NOW = 100_000
export const rules: Rules = { timing: TIMING }

interface Circumstances {
  readonly now?: number
  readonly roll?: number
  /** Rules that the app has set. */
  readonly more?: Partial<Rules>
}

type Online = Extract<State, { name: 'online' }>

export const online: Online = {
  name: 'online',
  attempt: 3,
  since: NOW - 60_000,
  intervalMs: 25_000,
  timeoutMs: 10_000,
  pingAt: NOW + 20_000,
  ping: { id: 7, sentAt: NOW - 5_000, by: NOW + 5_000 },
  latencies: [],
  leaveAt: null,
}

/** One specimen of each state. */
export const STATES: { [Name in State['name']]: Extract<State, { name: Name }> } = {
  idle: IDLE,
  waiting: {
    name: 'waiting',
    attempt: 4,
    until: NOW + 3_000,
    cause: 'network',
    prescribed: false,
    said: null,
  },
  opening: { name: 'opening', attempt: 4, until: NOW + 8_000, ifLost: 'network', said: null },
  greeting: { name: 'greeting', attempt: 4, until: NOW + 8_000, ifLost: 'network', said: null },
  online,
  paused: { name: 'paused', reasons: new Set(['user']), attempt: 2, before: null },
  stopped: { name: 'stopped', cause: 'fatal' },
}

/** One specimen of each fact. */
export const FACTS: { [Type in Happening['type']]: Extract<Happening, { type: Type }> } = {
  started: { type: 'started' },
  'closed-by-us': { type: 'closed-by-us' },
  'socket-opened': { type: 'socket-opened' },
  welcomed: { type: 'welcomed', intervalMs: 25_000, timeoutMs: 10_000 },
  heard: { type: 'heard' },
  'pong-received': { type: 'pong-received', id: 7 },
  'drain-announced': { type: 'drain-announced', inMs: 1_000, spreadMs: 4_000 },
  'socket-closed': { type: 'socket-closed', code: CLOSE.abnormal },
  violated: { type: 'violated', why: 'nonsense' },
  suspected: { type: 'suspected', why: 'visible' },
  'reconnect-asked': { type: 'reconnect-asked' },
  'pause-asked': { type: 'pause-asked', reason: 'hidden' },
  'resume-asked': { type: 'resume-asked', reason: 'user' },
  'health-told': { type: 'health-told', health: 'silent' },
  'token-changed': { type: 'token-changed' },
  'deadline-passed': { type: 'deadline-passed' },
}

export function run(
  state: State,
  happening: Happening,
  { now = NOW, roll = 0.5, more = {} }: Circumstances = {},
): Step {
  return step(state, { ...happening, now, roll } as Fact, { ...rules, ...more })
}

/** What a cell of the table says. */
export function outcomeOf(state: State, happening: Happening, now = NOW): string {
  const next = run(state, happening, { now })
  const effects = next.effects
    .map((effect) => (effect.type === 'close-socket' ? `close-socket ${effect.code}` : effect.type))
    .join(', ')
  if (next.state === state) return effects ? `same + ${effects}` : 'stays'
  return effects ? `${next.state.name} + ${effects}` : next.state.name
}
