/**
 * Owns this tab's picture of the outbox, which is the same in every tab (P5, P9), and what a person may
 * do about what is in it.
 */
import type { News, OutboxEntry } from '../protocol/port.js'
import type { Outbox } from './api.js'
import type { Deliveries } from './deliveries.js'
import { createQuestions, type Questions, type QuestionsOptions } from './questions.js'
import { createReadable } from './readable.js'

type Changes = Extract<News, { kind: 'outbox' }>

export interface OutboxView extends Pick<Questions, 'attached' | 'fail'> {
  readonly face: Outbox
  take(changes: Changes): void
  clear(): void
}

export interface OutboxViewOptions extends QuestionsOptions {
  readonly deliveries: Pick<Deliveries, 'has' | 'withdraw'>
  onThrow(cause: unknown): void
}

export function createOutboxView(options: OutboxViewOptions): OutboxView {
  const { deliveries } = options
  const entries = createReadable<readonly OutboxEntry[]>([], options.onThrow)
  const { ask, attached, fail } = createQuestions(options)

  return {
    face: {
      get value() {
        return entries.value
      },
      subscribe: entries.subscribe,
      retry: (key) => ask((broker) => broker.retry(key), false),
      retryAll: () => ask((broker) => broker.retryAll(), 0),
      discard(key) {
        const isOwn = deliveries.has(key)
        const answer = ask(() => deliveries.withdraw(key), isOwn)
        // It is asked for again of every broker that comes.
        return isOwn ? answer.catch(() => true) : answer
      },
    },
    take: (changes) => entries.set(merge(entries.value, changes)),
    clear: () => entries.set([]),
    attached,
    fail,
  }
}

function merge(
  known: readonly OutboxEntry[],
  { whole, put, removed }: Changes,
): readonly OutboxEntry[] {
  const entries = new Map(whole ? [] : known.map((entry) => [entry.key, entry]))
  for (const entry of put) entries.set(entry.key, entry)
  for (const key of removed) entries.delete(key)
  return [...entries.values()].sort((a, b) => a.n - b.n)
}
