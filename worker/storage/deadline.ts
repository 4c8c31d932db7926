/**
 * Owns the deadline of what the disk is asked (P2). One that rings late tells of us: the machine slept,
 * or the worker hung, and the answer may lie behind it. So the disk gets its time anew.
 */
import type { Clock } from '../clock.js'

const DEADLINE_MS = 5_000
const LATE_MS = 1_000

/** Returns its own undo. */
export function onDeadline(clock: Clock, run: () => void): () => void {
  let stop = (): void => {}
  const wait = (): void => {
    const late = clock.now() + DEADLINE_MS + LATE_MS
    stop = clock.after(DEADLINE_MS, () => (clock.now() > late ? wait() : run()))
  }
  wait()
  return () => stop()
}
