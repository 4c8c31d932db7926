/**
 * Owns the deadline of what the disk is asked (P2): five seconds that we have lived through. A look that
 * comes late tells of us: the machine slept, or the worker hung, and the answer may lie behind it. So
 * the disk gets its time anew, wherever in it that was.
 */
import type { Clock } from '../clock.js'

const LOOKS = 5
const LOOK_MS = 1_000
const LATE_MS = 1_000

/** Returns its own undo. */
export function onDeadline(clock: Clock, run: () => void): () => void {
  let stop = (): void => {}
  function look(left: number): void {
    if (!left) return run()
    const late = clock.now() + LOOK_MS + LATE_MS
    stop = clock.after(LOOK_MS, () => look(clock.now() > late ? LOOKS : left - 1))
  }
  look(LOOKS)
  return () => stop()
}
