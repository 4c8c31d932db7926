/**
 * Owns "at once, but not too often": the first call under a name runs now, of those that follow within
 * the pause only the newest does, when it is over (P14). Where nothing happens nothing is kept.
 */
import type { Clock } from './clock.js'

export interface Pace<Key> {
  call(key: Key, run: () => void): void
  close(): void
}

export function createPace<Key>(clock: Clock, pauseMs: number): Pace<Key> {
  interface Pause {
    newest: (() => void) | undefined
    stop(): void
  }
  const pauses = new Map<Key, Pause>()

  function begin(key: Key): void {
    const pause: Pause = { newest: undefined, stop: clock.after(pauseMs, () => end(key, pause)) }
    pauses.set(key, pause)
  }

  function end(key: Key, { newest }: Pause): void {
    pauses.delete(key)
    if (!newest) return
    begin(key)
    newest()
  }

  return {
    call(key, run) {
      const pause = pauses.get(key)
      if (pause) pause.newest = run
      else {
        begin(key)
        run()
      }
    },
    close() {
      for (const { stop } of pauses.values()) stop()
      pauses.clear()
    },
  }
}
