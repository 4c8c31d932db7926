/**
 * Owns the suspicion that the machine slept (P10): a wall clock that moved much further than the
 * worker's own timer says. Worker timers run at full rate with every tab hidden, so a late tick
 * means a late machine. It decides nothing: a busy thread looks the same, and costs one ping.
 */
import type { Clock } from '../clock.js'

const TICK_MS = 2_000
const LATE_MS = 3_000

export function watchSleep(clock: Clock, onWoke: () => void): () => void {
  let last = clock.wall()
  let stop = clock.after(TICK_MS, tick)
  function tick(): void {
    const now = clock.wall()
    const slept = now - last - TICK_MS > LATE_MS
    last = now
    stop = clock.after(TICK_MS, tick)
    if (slept) onWoke()
  }
  return () => stop()
}
