/**
 * Owns this tab's picture of the outbox, which is the same in every tab (P9), and what a person may do
 * about an operation (P5).
 */
import type { News, OutboxEntry } from '../protocol/port.js'
import type { Outbox } from './api.js'
import type { Deliveries } from './deliveries.js'
import type { Questions } from './questions.js'
import { createSharedList } from './shared-list.js'

export interface OutboxView {
  readonly face: Outbox
  take(changes: Extract<News, { kind: 'outbox' }>): void
  clear(): void
}

export interface OutboxViewOptions {
  readonly deliveries: Pick<Deliveries, 'has' | 'withdraw'>
  readonly questions: Pick<Questions, 'ask'>
  onThrow(cause: unknown): void
}

export function createOutboxView(options: OutboxViewOptions): OutboxView {
  const { deliveries } = options
  const { ask } = options.questions
  const { face, take, clear } = createSharedList<OutboxEntry>(options.onThrow)
  return {
    face: Object.assign<typeof face, Omit<Outbox, keyof typeof face>>(face, {
      retry: (key) => ask((broker) => broker.retry(key), false),
      retryAll: () => ask((broker) => broker.retryAll(), 0),
      discard(key) {
        const isOwn = deliveries.has(key)
        const answer = ask(() => deliveries.withdraw(key), isOwn)
        // It is asked for again of every broker that comes.
        return isOwn ? answer.catch(() => true) : answer
      },
    }),
    take,
    clear,
  }
}
