/**
 * Owns the deadline by which a client has to be heard again. Frames that JavaScript sent count; the
 * WebSocket's own pongs do not, because a browser answers those for a frozen worker (P10, F33).
 */
import type { Clock } from '../environment.js'

export interface Liveness {
  heard(): void
  close(): void
}

export function createLiveness(clock: Clock, silenceMs: number, onSilent: () => void): Liveness {
  let lastHeard = clock.now()
  let isClosed = false
  // One timer that looks at the last time heard is cheaper than one set anew for every frame.
  let stop = clock.after(silenceMs, look)

  function look(): void {
    if (isClosed) return
    const left = lastHeard + silenceMs - clock.now()
    if (left > 0) stop = clock.after(left, look)
    else onSilent()
  }

  return {
    heard() {
      lastHeard = clock.now()
    },
    close() {
      isClosed = true
      stop()
    },
  }
}
