/**
 * Owns what this tab has sent and does not know the fate of (P5). Every delivery's two promises are
 * settled exactly once. What has no outcome is handed over again after every attach, in the order in
 * which it was sent (P4): the broker knows it by its key.
 *
 * Until an operation is known to be on disk it is this tab's to keep safe (P2): it goes into the
 * lifeboat before it is posted, and out of it milliseconds later. To wait for `pagehide` is not
 * enough, because a browser that is busy ends a page that closes itself without it.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import type { NewOperation, Outcome } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { Delivery } from './api.js'
import type { Lifeboat } from './lifeboat.js'
import type { RemoteBroker } from './remote-broker.js'
import { quietly, type Resolvers } from './resolvers.js'

interface Pending {
  readonly operation: NewOperation
  /** When its life is over, on the page's monotonic clock. */
  readonly endsAt: number
  readonly stored: Resolvers<void>
  readonly done: Resolvers<unknown>
  /** What is to be undone when it is over. */
  readonly undo: (() => void)[]
  isHandedOver: boolean
  isAboard: boolean
  isStored: boolean
  isWithdrawn: boolean
}

export interface Deliveries {
  add(operation: NewOperation, signal?: AbortSignal): Delivery
  has(key: Key): boolean
  /** Of how many the fate is unknown. */
  readonly size: number
  /** There is a broker now, or another one. */
  handOver(broker: RemoteBroker): void
  /** The page may be gone any moment: what is not stored goes into the lifeboat. */
  board(): void
  /** Gives an operation up, whoever sent it; whether there was one. */
  withdraw(key: Key): Promise<boolean>
  settle(outcome: Outcome): void
  failAll(error: ErrorInfo): void
}

export interface DeliveriesOptions {
  now(): number
  readonly lifeboat: Pick<Lifeboat, 'put' | 'remove' | 'has'>
  broker(): RemoteBroker | undefined
  /** Whether what is posted now may be lost without a word. */
  isExposed(): boolean
}

export function createDeliveries({ now, lifeboat, ...options }: DeliveriesOptions): Deliveries {
  const pending = new Map<Key, Pending>()
  /** Over in this tab, but a broker may come to have them, from us or from another page. */
  const buried = new Set<Key>()

  function asOfNow({ operation, endsAt }: Pending): NewOperation {
    if (operation.ttl === undefined) return operation
    // Also when nothing is left: the broker tells every tab that it has expired.
    return { ...operation, ttl: Math.max(0, endsAt - now()) }
  }

  function enlist(operation: NewOperation): Pending {
    const delivery: Pending = {
      operation,
      endsAt: now() + (operation.ttl ?? Infinity),
      stored: quietly(),
      done: quietly(),
      undo: [],
      isHandedOver: false,
      isAboard: false,
      isStored: false,
      isWithdrawn: false,
    }
    pending.set(operation.key, delivery)
    buried.delete(operation.key)
    if (options.isExposed()) boardAll()
    else board(delivery, false)
    const broker = options.broker()
    if (broker) handOver(broker, delivery)
    return delivery
  }

  /** By this page, or by another one: then it has left the lifeboat. */
  function isHandedOver(delivery: Pending): boolean {
    return delivery.isHandedOver || (delivery.isAboard && !lifeboat.has(delivery.operation.key))
  }

  function handOver(broker: RemoteBroker, delivery: Pending): void {
    const { key } = delivery.operation
    const again = isHandedOver(delivery) && ({ again: true } as const)
    // Who does not know it yet shall not begin it.
    const withdrawn = delivery.isWithdrawn && ({ ttl: 0 } as const)
    delivery.isHandedOver = true
    broker.send({ ...asOfNow(delivery), ...again, ...withdrawn }).then(
      (error) => answered(delivery, error),
      () => {},
    )
    if (delivery.isWithdrawn) void broker.discard(key)
  }

  function answered(delivery: Pending, error: ErrorInfo | undefined): void {
    const { key } = delivery.operation
    if (pending.get(key) !== delivery) return
    if (!error) {
      delivery.isStored = true
      delivery.isAboard = false
      lifeboat.remove(key)
      delivery.stored.resolve()
    } else if (error.code === 'no-storage' || error.code === 'quota') {
      delivery.stored.reject(new PartylineError(error))
      board(delivery, true)
    } else fail(key, error)
  }

  function board(delivery: Pending, isUrgent: boolean): void {
    if (delivery.isAboard || delivery.isWithdrawn) return
    const isAboard = lifeboat.put(asOfNow(delivery), isUrgent)
    // Also if it does not fit: that is told once.
    delivery.isAboard = isAboard || isUrgent
  }

  /** What did not fit may fit now, and if not, somebody should know. */
  function boardAll(): void {
    for (const delivery of pending.values()) if (!delivery.isStored) board(delivery, true)
  }

  function finish(key: Key): Pending | undefined {
    const delivery = pending.get(key)
    pending.delete(key)
    for (const run of delivery?.undo ?? []) run()
    return delivery
  }

  function fail(key: Key, info: ErrorInfo): void {
    if (!isFarewell(info)) lifeboat.remove(key)
    const error = new PartylineError(info)
    const delivery = finish(key)
    delivery?.stored.reject(error)
    delivery?.done.reject(error)
  }

  async function withdraw(key: Key): Promise<boolean> {
    const delivery = pending.get(key)
    const broker = options.broker()
    if (delivery && !isHandedOver(delivery)) {
      if (delivery.isAboard) buried.add(key)
      fail(key, pageError('discarded', { by: 'user' }))
      return true
    }
    if (delivery) {
      delivery.isWithdrawn = true
      // The next page would send it, and nobody would be there to take it back.
      lifeboat.remove(key)
    }
    return broker ? broker.discard(key) : delivery !== undefined
  }

  return {
    add(operation, signal) {
      const { key } = operation
      if (signal?.aborted) return refused(key, pageError('discarded', { by: 'user' }))
      const delivery = pending.get(key) ?? enlist(operation)
      if (signal) {
        const abort = (): void => void withdraw(key).catch(() => {})
        signal.addEventListener('abort', abort)
        delivery.undo.push(() => signal.removeEventListener('abort', abort))
      }
      return { key, stored: delivery.stored.promise, done: delivery.done.promise }
    },
    has: (key) => pending.has(key),
    get size() {
      return pending.size
    },
    handOver(broker) {
      for (const key of buried) {
        broker.discard(key).then(
          () => buried.delete(key),
          () => {},
        )
      }
      for (const delivery of pending.values()) handOver(broker, delivery)
    },
    board: boardAll,
    withdraw,
    settle(outcome) {
      const { key } = outcome
      if (outcome.outcome !== 'acked') {
        const isOurs = outcome.outcome === 'expired' && pending.get(key)?.isWithdrawn
        return fail(key, isOurs ? pageError('discarded', { by: 'user' }) : outcome.error)
      }
      // Also what this page has only handed over for another one.
      lifeboat.remove(key)
      const delivery = finish(key)
      // Acknowledged implies safe, whatever the disk had to say.
      delivery?.stored.resolve()
      const { result } = outcome
      delivery?.done.resolve(result === undefined ? undefined : JSON.parse(result))
    },
    failAll(error) {
      for (const [key, { isStored }] of [...pending]) {
        // Its sender is told that it may be sent once more.
        if (!isStored && !isFarewell(error)) buried.add(key)
        fail(key, error)
      }
    },
  }
}

/** These say that this tab will not learn more, not that the operation is over. */
const isFarewell = ({ code }: ErrorInfo): boolean =>
  code === 'closed' || code === 'signed-out' || code === 'contract-mismatch'

/** What is over before it began. */
export function refused(key: Key, info: ErrorInfo): Delivery {
  const error = new PartylineError(info)
  const promise = Promise.reject(error)
  promise.catch(() => {})
  return { key, stored: promise, done: promise }
}
