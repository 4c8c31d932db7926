/**
 * Owns what an operation is on disk. No behaviour.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { NewOperation } from '../../protocol/port.js'

/** Its number within its lane: given at the first transmission, then kept for life (P3, P4). */
export interface LaneNumber {
  readonly epoch: number
  readonly seq: number
}

export interface StoredOperation extends NewOperation {
  readonly key: Key
  /** The order of sending over all lanes. */
  readonly n: number
  readonly createdAt: number
  readonly number?: LaneNumber
  /** The server refused it for good; it waits for a person. */
  readonly failed?: ErrorInfo
}
