/**
 * Owns the shape of time and chance as the broker sees them. The real ones are in environment.ts,
 * virtual ones in testing/.
 */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Wall-clock milliseconds: for people and for the disk, never for waiting. */
  wall(): number
  /** Runs once after that time; returns its own undo. */
  after(ms: number, run: () => void): () => void
}

/** 0 ≤ random() < 1. */
export type Random = () => number
