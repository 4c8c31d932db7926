/**
 * Owns the shape of everything that can be watched: read it now, or be told of every change,
 * beginning with now. It is a Svelte store as it stands and fits `useSyncExternalStore`.
 */
import { guarded } from './guarded.js'

export interface Readable<T> {
  readonly value: T
  /** Calls `run` at once and on every change; returns its own undo. */
  subscribe(run: (value: T) => void): () => void
}

export interface Writable<T> extends Readable<T> {
  set(value: T): void
}

/** `onThrow` is told what a watcher throws when it is told of a change. */
export function createReadable<T>(initial: T, onThrow: (cause: unknown) => void): Writable<T> {
  let value = initial
  const watchers = new Set<{ run: (value: T) => void }>()
  return {
    get value() {
      return value
    },
    set(next) {
      value = next
      for (const watcher of [...watchers]) {
        if (watchers.has(watcher)) guarded(() => watcher.run(next), onThrow)
      }
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
