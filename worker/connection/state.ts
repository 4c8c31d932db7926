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
  readonly said: Health | null
}

/** What the server's health address answers: that all is well, that it is not, or nothing. */
export type Health = 'well' | 'ill' | 'silent'

/** Why no attempt is made. Whoever gave a reason takes it back; the line goes on when none is left. */
export type PauseReason = 'user' | 'hidden' | 'unauthorized'

export type Reasons = ReadonlySet<PauseReason>

/** Between two attempts. */
export interface Waiting {
  readonly name: 'waiting'
  readonly attempt: number
  readonly until: number
  readonly cause: Cause
  /** The server named the time: no suspicion may shorten it (P11). */
  readonly prescribed: boolean
  /** The last word of the health address since we were online. */
  readonly said: Health | null
}

/** To try again cannot help, or was tried often enough. */
export interface Stopped {
  readonly name: 'stopped'
  readonly cause: Cause
  readonly error?: ErrorInfo
}

export type State =
  /** Not wanted yet, or no more; what was to be paused by then is remembered. */
  | { readonly name: 'idle'; readonly reasons: Reasons }
  | Waiting
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
  | {
      readonly name: 'paused'
      /** Never empty. `unauthorized`: the token was refused, only another one helps. */
      readonly reasons: Reasons
      /** The number of the attempt to come. */
      readonly attempt: number
      /** What stood when we paused, for whoever takes a reason back without meaning "now". */
      readonly before: Waiting | Stopped | null
    }
  | Stopped

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
  | { readonly type: 'pause-asked'; readonly reason: PauseReason }
  | { readonly type: 'resume-asked'; readonly reason: PauseReason }
  | { readonly type: 'health-told'; readonly health: Health }
  /** There is a token that differs from the refused one. */
  | { readonly type: 'token-changed' }
  | { readonly type: 'deadline-passed' }

export type Fact = Happening & {
  readonly now: number
  /** 0 ≤ roll < 1: the only randomness there is. */
  readonly roll: number
}

/** The refusal itself, or somebody who has come since and may know more. */
export type TokenAsker = 'refusal' | 'somebody'

export type Effect =
  | { readonly type: 'open-socket' }
  | { readonly type: 'close-socket'; readonly code: number; readonly why?: string }
  | { readonly type: 'greet' }
  | { readonly type: 'send-ping'; readonly id: number }
  | { readonly type: 'ask-token'; readonly by: TokenAsker }
  | { readonly type: 'ask-health' }

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}
