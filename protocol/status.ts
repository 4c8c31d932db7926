/**
 * Owns what the screen may say about the line (P9): a union whose members carry only what is true
 * of them, and the one place that turns it into a sentence a person may read.
 */
import type { ErrorInfo } from './errors.js'

export type Cause =
  | 'network'
  | 'heartbeat'
  | 'server-restart'
  | 'server-busy'
  | 'refused'
  | 'auth'
  | 'paused'
  | 'superseded'
  | 'fatal'

export type Host = 'shared-worker' | 'leader-tab' | 'page'

/** What the connection is doing. Times are wall-clock milliseconds, so that every tab can show them. */
export type LineState =
  | { readonly state: 'connecting'; readonly attempt: number }
  | {
      readonly state: 'online'
      /** The last measured round trip in milliseconds; absent until the first heartbeat. */
      readonly latency?: number
      /** The last twenty, oldest first. */
      readonly latencies: readonly number[]
    }
  | {
      readonly state: 'reconnecting'
      readonly attempt: number
      readonly retryAt: number
      readonly cause: Cause
    }
  | {
      readonly state: 'offline'
      readonly cause: Cause
      /** Why no attempt is made: `line.pause()`, or every tab was hidden for so long. */
      readonly reasons: readonly ('user' | 'hidden')[]
    }
  | { readonly state: 'unauthorized'; readonly cause: Cause }
  | { readonly state: 'stopped'; readonly cause: Cause; readonly error?: ErrorInfo }

/** What is true whatever the connection does. */
export interface LineFacts {
  /** Operations in the outbox that have no outcome yet. */
  readonly queued: number
  readonly tabs: number
  readonly host: Host
  /** `memory`: there is no disk, or it broke; what is queued dies with the browser. */
  readonly storage: 'disk' | 'memory'
  /** Why it is memory. */
  readonly storageError?: ErrorInfo
}

export type Status = LineState & LineFacts

const BECAUSE: Readonly<Record<Cause, string>> = {
  network: 'the network does not answer',
  heartbeat: 'the line went silent',
  'server-restart': 'the server restarts',
  'server-busy': 'the server is busy',
  refused: 'the server refused',
  auth: 'sign in again',
  paused: 'paused',
  superseded: 'reload this page',
  fatal: 'it cannot work',
}

/** One sentence for a person. `now` is wall-clock milliseconds. */
export function describeStatus(status: LineState, now: number): string {
  const { state } = status
  const name = state.charAt(0).toUpperCase() + state.slice(1)
  if (!('cause' in status)) return `${name}.`
  const seconds = 'retryAt' in status ? Math.ceil((status.retryAt - now) / 1000) : 0
  return `${name}${seconds > 0 ? ` in ${seconds} s` : ''}: ${BECAUSE[status.cause]}.`
}
