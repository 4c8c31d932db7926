/**
 * Owns what an operation is on disk, and what is remembered of one that has ended. No behaviour.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { Failure, NewOperation, Outcome } from '../../protocol/port.js'

/** Its number within its lane: given at the first transmission, then kept for life (P3, P4). */
export interface LaneNumber {
  readonly epoch: number
  readonly seq: number
}

/** Why an operation that was sent is given up: it travels as a tombstone until the server answers. */
export type Withdrawal = 'discarded' | 'expired' | 'exhausted'

export interface StoredOperation extends Omit<NewOperation, 'ttl' | 'again'> {
  readonly key: Key
  /** The order of sending over all lanes. */
  readonly n: number
  readonly createdAt: number
  /**
   * What was left of its life when this was written. The wall clock counts only from here to the next
   * broker, so a clock that is wrong, or is set right, costs nothing while a broker lives.
   */
  readonly life?: { readonly left: number; readonly at: number }
  readonly number?: LaneNumber
  /** Wall clock of the first transmission: what the server remembers of keys ends some day. */
  readonly sentAt?: number
  readonly attempts?: number
  readonly withdrawn?: Withdrawal
  /** It ended, but not well, and waits for a person. */
  readonly failed?: {
    readonly outcome: Failure
    readonly error: ErrorInfo
    /** Wall clock. */
    readonly at: number
  }
}

/**
 * An operation that is over: so that a tab which missed the end, or a lifeboat which was not emptied
 * in time, learns it instead of starting it again.
 */
export interface Settled {
  readonly key: Key
  /** The order of settling. */
  readonly n: number
  /** Wall clock. */
  readonly at: number
  readonly outcome: Outcome
}
