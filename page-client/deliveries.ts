/**
 * Owns what this tab has sent and does not know the fate of (P5). Every delivery's two promises are
 * settled exactly once, and a rejection that nobody listens to is not an unhandled one. What has no
 * outcome is handed over again after every attach: the broker knows it by its key.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import type { NewOperation, Outcome } from '../protocol/port.js'
import type { Delivery } from './api.js'
import type { RemoteBroker } from './attachment.js'

interface Resolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: PartylineError): void
}

interface Pending {
  readonly operation: NewOperation
  readonly stored: Resolvers<void>
  readonly done: Resolvers<unknown>
}

export interface Deliveries {
  add(operation: NewOperation, broker: RemoteBroker | undefined): Delivery
  /** There is a broker now, or another one. */
  handOver(broker: RemoteBroker): void
  settle(outcome: Outcome): void
  failAll(error: ErrorInfo): void
}

export function createDeliveries(): Deliveries {
  const pending = new Map<Key, Pending>()

  function handOver(broker: RemoteBroker, { operation, stored }: Pending): void {
    broker.send(operation).then(
      (error) => {
        if (!error) stored.resolve()
        else if (error.code === 'no-storage') stored.reject(new PartylineError(error))
        else fail(operation.key, error)
      },
      () => {},
    )
  }

  function fail(key: Key, info: ErrorInfo): void {
    const error = new PartylineError(info)
    const delivery = pending.get(key)
    pending.delete(key)
    delivery?.stored.reject(error)
    delivery?.done.reject(error)
  }

  return {
    add(operation, broker) {
      const known = pending.get(operation.key)
      const delivery = known ?? {
        operation,
        stored: quietly<void>(),
        done: quietly<unknown>(),
      }
      if (!known) {
        pending.set(operation.key, delivery)
        if (broker) handOver(broker, delivery)
      }
      return { key: operation.key, stored: delivery.stored.promise, done: delivery.done.promise }
    },
    handOver(broker) {
      for (const delivery of pending.values()) handOver(broker, delivery)
    },
    settle(outcome) {
      if (outcome.outcome !== 'acked') return fail(outcome.key, outcome.error)
      const delivery = pending.get(outcome.key)
      pending.delete(outcome.key)
      // Acknowledged implies safe, whatever the disk had to say.
      delivery?.stored.resolve()
      const { result } = outcome
      delivery?.done.resolve(result === undefined ? undefined : JSON.parse(result))
    },
    failAll(error) {
      for (const key of [...pending.keys()]) fail(key, error)
    },
  }
}

function quietly<T>(): Resolvers<T> {
  const resolvers = {} as { resolve: (value: T) => void; reject: (reason: PartylineError) => void }
  const promise = new Promise<T>((resolve, reject) => Object.assign(resolvers, { resolve, reject }))
  promise.catch(() => {})
  return { promise, ...resolvers }
}
