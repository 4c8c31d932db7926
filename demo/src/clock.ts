/**
 * Owns this app's view of time. Whoever waits takes a clock, so that tests need no real timer.
 */
export interface Clock {
  /** Wall-clock milliseconds. */
  now(): number
  /** Runs once, later; returns its own undo. */
  after(ms: number, run: () => void): () => void
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
