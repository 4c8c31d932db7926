/**
 * Owns the words of the connection machine: its states, the facts it hears, the effects it asks for.
 * docs/STATES.md is their specification. No behaviour.
 *
 * Times are monotonic milliseconds. A state carries its own deadlines, so leaving it cancels them:
 * a stale timer has nothing to fire at.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Suspicion } from '../../protocol/port.js'
import type { Cause } from '../../protocol/status.js'

export interface Ping {
  readonly id: number
  readonly sentAt: number
  /** Dead if nothing is heard until then; null once anything was. */
  readonly by: number | null
}

export interface Attempt {
  readonly attempt: number
  readonly until: number
  /** What a failure means: the server may have said that it restarts. */
  readonly ifLost: Cause
}

export type State =
  /** Not wanted yet, or no more. */
  | { readonly name: 'idle' }
  | {
      readonly name: 'waiting'
      readonly attempt: number
      readonly until: number
      readonly cause: Cause
      /** The server named the time: no suspicion may shorten it (P11). */
      readonly prescribed: boolean
    }
  /** The socket is opening. */
  | ({ readonly name: 'opening' } & Attempt)
  /** The socket is open, `welcome` is awaited. */
  | ({ readonly name: 'greeting' } & Attempt)
  | {
      readonly name: 'online'
      readonly attempt: number
      readonly since: number
      readonly intervalMs: number
      readonly timeoutMs: number
      readonly pingAt: number
      readonly ping: Ping | null
      readonly latencies: readonly number[]
      /** A draining server asked us to go; when we do. */
      readonly leaveAt: number | null
    }
  /** The token was refused: only another one helps. */
  | { readonly name: 'unauthorized'; readonly attempt: number }
  | { readonly name: 'stopped'; readonly cause: Cause; readonly error?: ErrorInfo }

export type Happening =
  | { readonly type: 'started' }
  | { readonly type: 'closed-by-us' }
  | { readonly type: 'socket-opened' }
  | { readonly type: 'welcomed'; readonly intervalMs: number; readonly timeoutMs: number }
  /** Anything at all came in. */
  | { readonly type: 'heard' }
  | { readonly type: 'pong-received'; readonly id: number }
  | { readonly type: 'drain-announced'; readonly inMs: number; readonly spreadMs: number }
  /** The socket closed, or the server said `bye`, which is the same and knows more. */
  | {
      readonly type: 'socket-closed'
      readonly code: number
      readonly why?: string
      readonly afterMs?: number
      readonly spreadMs?: number
    }
  /** The server sent what the protocol forbids. */
  | { readonly type: 'violated'; readonly why: string }
  | { readonly type: 'suspected'; readonly why: Suspicion }
  | { readonly type: 'reconnect-asked' }
  /** There is a token that differs from the refused one. */
  | { readonly type: 'token-changed' }
  | { readonly type: 'deadline-passed' }

export type Fact = Happening & {
  readonly now: number
  /** 0 ≤ roll < 1: the only randomness there is. */
  readonly roll: number
}

export type Effect =
  | { readonly type: 'open-socket' }
  | { readonly type: 'close-socket'; readonly code: number; readonly why?: string }
  | { readonly type: 'greet' }
  | { readonly type: 'send-ping'; readonly id: number }
  | { readonly type: 'ask-token' }

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}
