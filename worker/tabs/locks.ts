/**
 * Owns the shape of the Web Locks API as the broker needs it.
 */
export interface Locks {
  /** Resolves with its own undo when the lock is ours; waits as long as it takes. */
  hold(name: string): Promise<() => void>
  /** Calls `run` when nobody holds the lock any more; returns its own undo. */
  whenFree(name: string, run: () => void): () => void
}
