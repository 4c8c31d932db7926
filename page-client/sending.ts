/**
 * Owns the way of an operation from the app's call to its delivery: read, checked by the app's validator,
 * and handed over, or refused because there is nobody to take it.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import { uuidv7 } from '../protocol/ids.js'
import type { Delivery, SendOptions } from './api.js'
import { type Deliveries, refused } from './deliveries.js'
import type { PageEnvironment } from './environment.js'
import { operationOf } from './operation.js'
import { createOutgoing } from './outgoing.js'
import type { Validators } from './validators.js'

export type Send = (
  type: string,
  payload: unknown,
  given?: SendOptions,
  channel?: string,
) => Delivery

export interface SendingOptions {
  readonly environment: Pick<PageEnvironment, 'wall' | 'random'>
  readonly deliveries: Pick<Deliveries, 'add'>
  readonly validators: Validators
  /** Throws when nothing may be asked of the line any more. */
  assertOpen(): void
  /** Why there is no broker and none is coming. */
  failure(): ErrorInfo | undefined
}

export function createSending(options: SendingOptions): Send {
  const { environment, deliveries, validators, assertOpen, failure } = options
  const outgoing = createOutgoing(validators)
  const newKey = (): string => uuidv7(environment.wall(), environment.random)

  return (type, payload, given = {}, channel) => {
    assertOpen()
    const operation = operationOf(type, payload, given, channel, newKey)
    return outgoing(operation, payload, () => {
      // It may have waited for its validator.
      assertOpen()
      const none = failure()
      return none ? refused(operation.key, none) : deliveries.add(operation, given.signal)
    })
  }
}
