/**
 * Owns this tab's picture of the outbox, which is the same in every tab (P5, P9), and what a person may
 * do about what is in it.
 */
import type { News, OutboxEntry } from '../protocol/port.js'
import type { Outbox } from './api.js'
import type { Deliveries } from './deliveries.js'
import type { RemoteBroker } from './remote-broker.js'
import { createSharedList, type SharedListOptions } from './shared-list.js'

export interface OutboxView {
  readonly face: Outbox
  take(changes: Extract<News, { kind: 'outbox' }>): void
  clear(): void
}

export interface OutboxViewOptions extends SharedListOptions {
  readonly deliveries: Pick<Deliveries, 'has' | 'withdraw'>
  broker(): Pick<RemoteBroker, 'retry' | 'retryAll'> | undefined
}

export function createOutboxView(options: OutboxViewOptions): OutboxView {
  const { deliveries, broker } = options
  const { face, take, clear, answer } = createSharedList<OutboxEntry>(options)
  return {
    face: Object.assign<typeof face, Omit<Outbox, keyof typeof face>>(face, {
      retry: (key) => answer(broker()?.retry(key), false),
      retryAll: () => answer(broker()?.retryAll(), 0),
      // It is asked for again of every broker that comes.
      discard: (key) => answer(deliveries.withdraw(key), deliveries.has(key)),
    }),
    take,
    clear,
  }
}
