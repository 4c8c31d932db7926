/** Owns how many messages a connection may send: a bucket that fills with time (P14). */
import type { Clock } from '../environment.js'

/** Returns false when there is one too many. */
export function createRate(clock: Clock, perSecond: number, burst: number): () => boolean {
  let left = burst
  let at = clock.now()
  return () => {
    const now = clock.now()
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond)
    at = now
    if (left < 1) return false
    left -= 1
    return true
  }
}
