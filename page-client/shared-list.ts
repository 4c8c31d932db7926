/**
 * Owns a list that the broker keeps and every tab shows the same (P9): this tab's picture of it, in
 * the order of the broker's own count, and the asking of a broker that may die with the question (P12).
 */
import { createReadable, type Readable } from './readable.js'

export interface SharedList<Entry> {
  readonly face: Readable<readonly Entry[]>
  take(changes: Changes<Entry>): void
  clear(): void
  /** Answers in any case, and with `otherwise` where the broker does not. */
  answer<T>(asked: Promise<T> | undefined, otherwise: T): Promise<T>
}

export interface SharedListOptions {
  after(ms: number, run: () => void): () => void
  /** What a watcher throws. */
  onThrow(cause: unknown): void
}

interface Changes<Entry> {
  /** Forget what was known before. */
  readonly whole: boolean
  readonly put: readonly Entry[]
  readonly removed: readonly string[]
}

/** A broker may die with the question, and nobody is told. */
const DEADLINE_MS = 10_000

export function createSharedList<Entry extends { readonly key: string; readonly n: number }>({
  after,
  onThrow,
}: SharedListOptions): SharedList<Entry> {
  const entries = createReadable<readonly Entry[]>([], onThrow)
  const { subscribe } = entries

  return {
    face: {
      get value() {
        return entries.value
      },
      subscribe,
    },
    take({ whole, put, removed }) {
      const known = new Map(whole ? [] : entries.value.map((entry) => [entry.key, entry]))
      for (const entry of put) known.set(entry.key, entry)
      for (const key of removed) known.delete(key)
      entries.set([...known.values()].sort((a, b) => a.n - b.n))
    },
    clear: () => entries.set([]),
    answer: (asked, otherwise) =>
      new Promise((resolve) => {
        const stop = after(DEADLINE_MS, () => resolve(otherwise))
        void Promise.resolve(asked ?? otherwise)
          .catch(() => otherwise)
          .then((value) => {
            stop()
            resolve(value)
          })
      }),
  }
}
