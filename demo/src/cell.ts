/**
 * Owns a value that can be watched, in the same shape as the library's `line.status`.
 */
export interface Cell<T> {
  readonly value: T
  set(value: T): void
  /** Calls `run` at once and on every change; returns its own undo. */
  subscribe(run: (value: T) => void): () => void
}

export function createCell<T>(initial: T): Cell<T> {
  let value = initial
  const watchers = new Set<(value: T) => void>()
  return {
    get value() {
      return value
    },
    set(next) {
      if (next === value) return
      value = next
      for (const run of [...watchers]) run(next)
    },
    subscribe(run) {
      const watcher = (latest: T): void => run(latest)
      watchers.add(watcher)
      watcher(value)
      return () => watchers.delete(watcher)
    },
  }
}
