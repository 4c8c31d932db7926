/**
 * Owns "soon, but not for every change": runs once after the first call of a quiet time.
 */
import type { Clock } from '../clock.js'

export interface Throttle {
  call(): void
  close(): void
}

export function createThrottle(clock: Clock, ms: number, run: () => void): Throttle {
  let stop: (() => void) | null = null
  return {
    call() {
      stop ??= clock.after(ms, () => {
        stop = null
        run()
      })
    },
    close() {
      stop?.()
      stop = null
    },
  }
}
