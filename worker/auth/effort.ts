/**
 * Owns trying the same thing again and again with pauses in between: one effort at a time, a newer one
 * ends the one before, and nothing of an ended one is left over. It does not know what is tried.
 */
import type { Clock } from '../clock.js'

export interface Effort {
  readonly isOver: boolean
  /** Resolves when the time has passed, or the effort is over. */
  wait(ms: number): Promise<void>
}

export interface Efforts {
  begin(): Effort
  stop(): void
}

export function createEfforts(clock: Pick<Clock, 'after'>): Efforts {
  let latest = 0
  let wake = (): void => {}

  function stop(): void {
    latest += 1
    wake()
  }

  return {
    stop,
    begin() {
      stop()
      const own = latest
      return {
        get isOver() {
          return own !== latest
        },
        wait: (ms) =>
          new Promise((resolve) => {
            const stopTimer = clock.after(ms, resolve)
            wake = () => {
              stopTimer()
              resolve()
            }
          }),
      }
    },
  }
}
