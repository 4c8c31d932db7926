/**
 * Owns this tab's picture of the outbox, which is the same in every tab (P5, P9), and what a person may
 * do about what is in it.
 */
import type { News, OutboxEntry } from '../protocol/port.js'
import type { Outbox } from './api.js'
import type { Deliveries } from './deliveries.js'
import { createReadable } from './readable.js'
import type { RemoteBroker } from './remote-broker.js'

type Changes = Extract<News, { kind: 'outbox' }>

export interface OutboxView {
  readonly face: Outbox
  take(changes: Changes): void
  clear(): void
}

export interface OutboxViewOptions {
  after(ms: number, run: () => void): () => void
  readonly deliveries: Pick<Deliveries, 'has' | 'withdraw'>
  broker(): RemoteBroker | undefined
  onThrow(cause: unknown): void
}

/** A broker may die with the question, and nobody is told (P12). */
const DEADLINE_MS = 10_000

export function createOutboxView(options: OutboxViewOptions): OutboxView {
  const { deliveries, broker } = options
  const entries = createReadable<readonly OutboxEntry[]>([], options.onThrow)

  function answer<T>(asked: Promise<T> | undefined, otherwise: T): Promise<T> {
    return new Promise((resolve) => {
      const stop = options.after(DEADLINE_MS, () => resolve(otherwise))
      void Promise.resolve(asked ?? otherwise)
        .catch(() => otherwise)
        .then((value) => {
          stop()
          resolve(value)
        })
    })
  }

  return {
    face: {
      get value() {
        return entries.value
      },
      subscribe: entries.subscribe,
      retry: (key) => answer(broker()?.retry(key), false),
      retryAll: () => answer(broker()?.retryAll(), 0),
      // It is asked for again of every broker that comes.
      discard: (key) => answer(deliveries.withdraw(key), deliveries.has(key)),
    },
    take: (changes) => entries.set(merge(entries.value, changes)),
    clear: () => entries.set([]),
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
