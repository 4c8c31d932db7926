/**
 * Owns a list that the broker keeps and every tab shows the same (P9): this tab's picture of it, in
 * the order of the broker's own count.
 */
import { createReadable, type Readable } from './readable.js'

export interface SharedList<Entry> {
  readonly face: Readable<readonly Entry[]>
  take(changes: Changes<Entry>): void
  clear(): void
}

interface Changes<Entry> {
  /** Forget what was known before. */
  readonly whole: boolean
  readonly put: readonly Entry[]
  readonly removed: readonly string[]
}

/** `onThrow`: what a watcher throws. */
export function createSharedList<Entry extends { readonly key: string; readonly n: number }>(
  onThrow: (cause: unknown) => void,
): SharedList<Entry> {
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
  }
}
