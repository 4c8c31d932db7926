/**
 * Owns what may enter the outbox (P14): names that the wire can carry, payloads that the server takes,
 * and as much as there is room for. It refuses with a reason and changes nothing.
 *
 * What is handed over again was let in once, or its sender is gone: for want of room it would go later than
 * what was sent after it (P4), or not at all. So there is more room for it, as much as lifeboats hold.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import { LIFEBOAT } from '../../protocol/lifeboat.js'
import type { NewOperation } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import { badName } from '../names.js'
import type { Item, Lanes } from './lanes.js'
import { sizeOf, wasGiven } from './lanes.js'

export interface Limits {
  readonly operations: number
  readonly bytes: number
  readonly overflow: 'reject' | 'drop-oldest'
}

type Refused = { readonly error: ErrorInfo; readonly drop?: undefined }
/** What has to be dropped to make room: nothing, unless that was asked for. */
type Admitted = { readonly error?: undefined; readonly drop: readonly Item[] }

const NOTHING = { operations: 0, characters: 0 }

export function admit(
  operation: NewOperation,
  lanes: Lanes,
  limits: Limits,
  payloadLimit: number,
): Refused | Admitted {
  const error = badOperation(operation, payloadLimit)
  if (error) return { error }
  const size = operation.payload?.length ?? 0
  const spare = operation.again ? LIFEBOAT : NOTHING
  let operations = lanes.items.size + 1 - limits.operations - spare.operations
  let bytes = lanes.bytes + size - limits.bytes - spare.characters
  const drop: Item[] = []
  if (limits.overflow === 'drop-oldest') {
    for (const item of lanes.items.values()) {
      if (operations <= 0 && bytes <= 0) break
      // What was sent cannot be taken back for certain, so it makes no room either.
      if (wasGiven(item.operation)) continue
      drop.push(item)
      operations -= 1
      bytes -= sizeOf(item.operation)
    }
  }
  if (operations > 0) return { error: brokerError('outbox-full', { limit: 'operations' }) }
  if (bytes > 0) return { error: brokerError('outbox-full', { limit: 'bytes' }) }
  return { drop }
}

function badOperation(operation: NewOperation, limit: number): ErrorInfo | undefined {
  const { key, lane, type, channel = type, payload } = operation
  for (const [option, name] of Object.entries({ key, lane, type, channel })) {
    const error = badName(option, name)
    if (error) return error
  }
  for (const option of ['priority', 'ttl', 'maxAttempts'] as const) {
    const given = operation[option]
    if (given !== undefined && !Number.isFinite(given)) {
      return brokerError('bad-option', { option, expected: 'a finite number' })
    }
  }
  const size = payload?.length ?? 0
  return size > limit ? brokerError('too-large', { size, limit }) : undefined
}
