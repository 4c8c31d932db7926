/**
 * Owns the connection's figures, in milliseconds: one place to read them, one to override in tests.
 */
export interface Timing {
  /** From opening the socket to `open`, and from `hello` to `welcome`. */
  readonly connectMs: number
  /** A suspected socket has this long to prove itself (P10). */
  readonly suspicionMs: number
  /** Tabs that are shown within this time of one another are one suspicion. */
  readonly momentMs: number
  /** Online for this long, the connection counts as stable and the backoff starts anew (P11). */
  readonly stableMs: number
  /** The first retry waits up to this, so that a blip is not a herd. */
  readonly firstRetryMs: number
  readonly backoffBaseMs: number
  readonly backoffCapMs: number
}

export const TIMING: Timing = {
  connectMs: 10_000,
  suspicionMs: 2_000,
  momentMs: 250,
  stableMs: 5_000,
  firstRetryMs: 250,
  backoffBaseMs: 1_000,
  backoffCapMs: 30_000,
}
