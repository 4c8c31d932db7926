/**
 * Owns the translation of the connection's state to what the screen may say (P9): exhaustive, pure.
 */
import type { LineState } from '../../protocol/status.js'
import type { State } from './state.js'

/** `toWall` turns a monotonic time into one that every tab can read. */
export function publicState(state: State, toWall: (monotonicMs: number) => number): LineState {
  switch (state.name) {
    case 'idle':
      return { state: 'connecting', attempt: 0 }
    case 'waiting': {
      const { attempt, cause } = state
      return { state: 'reconnecting', attempt, retryAt: Math.round(toWall(state.until)), cause }
    }
    case 'opening':
    case 'greeting':
      return { state: 'connecting', attempt: state.attempt }
    case 'online': {
      const latency = state.latencies.at(-1)
      const { latencies } = state
      return latency === undefined
        ? { state: 'online', latencies }
        : { state: 'online', latency, latencies }
    }
    case 'paused': {
      const reasons = [...state.reasons].filter((reason) => reason !== 'unauthorized')
      // Somebody meant the line to rest; that its token was refused matters when it goes on.
      return reasons.length
        ? { state: 'offline', cause: 'paused', reasons }
        : { state: 'unauthorized', cause: 'auth' }
    }
    case 'stopped':
      return state.error
        ? { state: 'stopped', cause: state.cause, error: state.error }
        : { state: 'stopped', cause: state.cause }
  }
}
