/**
 * Owns the shape of everything that can be watched: read it now, or be told of every change,
 * beginning with now. It is a Svelte store as it stands and fits `useSyncExternalStore`.
 */
export interface Readable<T> {
  readonly value: T
  /** Calls `run` at once and on every change; returns its own undo. */
  subscribe(run: (value: T) => void): () => void
}

export interface Writable<T> extends Readable<T> {
  set(value: T): void
}

export function createReadable<T>(initial: T): Writable<T> {
  let value = initial
  const watchers = new Set<{ run: (value: T) => void }>()
  return {
    get value() {
      return value
    },
    set(next) {
      value = next
      for (const watcher of [...watchers]) if (watchers.has(watcher)) watcher.run(next)
    },
    subscribe(run) {
      const watcher = { run }
      watchers.add(watcher)
      run(value)
      return () => {
        watchers.delete(watcher)
      }
    },
  }
}
