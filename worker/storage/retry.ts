/**
 * Owns when a broken disk is tried again (P2): after a second, then after twice as long each time, up
 * to half a minute. No jitter: nobody else waits for this disk.
 */
import type { Clock } from '../clock.js'

export interface Retry {
  /** `since`: when the last attempt began; the time it took counts as waited. */
  later(since: number): void
  /** The disk works: the next failure begins at a second again. */
  reset(): void
  close(): void
}

const FIRST_MS = 1_000
const CAP_MS = 30_000

export function createRetry(clock: Clock, run: () => void): Retry {
  let failures = 0
  let stop = (): void => {}
  return {
    later(since) {
      const waitMs = Math.min(FIRST_MS * 2 ** failures, CAP_MS)
      failures += 1
      stop()
      stop = clock.after(Math.max(0, since + waitMs - clock.now()), run)
    },
    reset() {
      failures = 0
    },
    close: () => stop(),
  }
}
