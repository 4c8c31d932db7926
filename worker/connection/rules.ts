/**
 * Owns what every part of the connection machine shares: the figures it goes by, how a step is
 * written down, and how an attempt begins. No decision of its own.
 */
import type { Cause } from '../../protocol/status.js'
import { CLOSE, type Verdict } from '../../protocol/wire/close-codes.js'
import type { Effect, Fact, Health, State, Step, Waiting } from './state.js'
import type { Timing } from './timing.js'

export interface Rules {
  readonly timing: Timing
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
  /** So many attempts in a row may fail; then the line stops. */
  readonly maxAttempts?: number | undefined
  /** There is somebody to ask how the server is. */
  readonly hasHealth?: boolean
}

/** "Nothing happens": the same reference. */
export const stay = (state: State): Step => ({ state, effects: [] })
export const go = (state: State, ...effects: Effect[]): Step => ({ state, effects })
export const hangUp: Effect = { type: 'close-socket', code: CLOSE.normal }

const EXPLAINED: Readonly<Record<Health, Cause>> = {
  // It answers, and so does the network: it is the socket that does not get through.
  well: 'refused',
  ill: 'server-busy',
  silent: 'network',
}

/** What a failure that came without a word means, as far as the health address knows. */
export const explained = (said: Health | null): Cause => (said ? EXPLAINED[said] : 'network')

/** `before`: what this attempt comes after, and what still holds if it fails. */
export function open(
  attempt: number,
  { now }: Fact,
  { timing }: Rules,
  before: Pick<Waiting, 'cause' | 'said'> | null = null,
): Step {
  const said = before?.said ?? null
  const ifLost = before?.cause === 'server-restart' ? before.cause : explained(said)
  const until = now + timing.connectMs
  return go({ name: 'opening', attempt, until, ifLost, said }, { type: 'open-socket' })
}
