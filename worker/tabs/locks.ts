/**
 * Owns the shape of the Web Locks API as the broker needs it.
 */
export interface Locks {
  /**
   * Resolves with its own undo when the lock is ours; waits as long as it takes. `onLost`: it was
   * ours, and somebody has taken it. `signal` gives up the place in the queue; then it rejects.
   */
  hold(
    name: string,
    onLost?: () => void,
    how?: { readonly signal: AbortSignal },
  ): Promise<() => void>
  /** As above, and waits for nobody: whoever has it loses it. */
  steal(name: string, onLost?: () => void): Promise<() => void>
  /** Calls `run` when nobody holds the lock any more; returns its own undo. */
  whenFree(name: string, run: () => void): () => void
  /** What is held now, and by whom: an opaque name that two locks of one worker share. */
  holders(): Promise<ReadonlyMap<string, string>>
}
