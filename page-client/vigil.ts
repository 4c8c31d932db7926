/**
 * Owns the suspicion that a broker hangs (P12, F2): it lives, as far as locks can tell, and answers
 * nothing. While a call waits for its answer we look once a second. Whatever is heard of the broker
 * clears it; after a while of silence it is asked whether it is there, and then given two more seconds.
 *
 * A page that slept sees silence where there was none: a look that comes late tells of us, not of the
 * broker, and counting begins anew. So a hidden tab, whose timers fire once a minute, accuses nobody,
 * and needs not: a tab that somebody sees does (F45).
 *
 * Whoever accuses one worker after the other may be at fault, so each accusation doubles the patience of
 * the tab. One that is still heard minutes after its first answer has served, and that is forgotten.
 */
import type { PageEnvironment } from './environment.js'

export interface Vigil {
  /** A call was made, and its answer is awaited. */
  called(): void
  /** The broker has answered something, or said something. */
  heard(): void
  close(): void
}

export interface VigilOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'now'>
  /** Of this tab: it outlives the brokers. */
  readonly patience: Patience
  isAwaited(): boolean
  ping(): void
  onHung(): void
}

export interface Patience {
  /** How many before the question is put. */
  looks: number
}

const LOOKS = 3
const LOOKS_CAP = 60
/** Looks after the question. */
const ANSWER = 2
const LOOK_MS = 1_000
/** A tab that is at fault now and then shall not move the line each time. */
const STEADY_MS = 300_000
/** Hidden tabs may be as late as that by design, for their first minutes. */
const LATE_MS = 1_000

export const newPatience = (): Patience => ({ looks: LOOKS })

export function createVigil(options: VigilOptions): Vigil {
  const { environment, patience } = options
  const steadyAt = environment.now() + STEADY_MS
  let silent = 0
  let stop: (() => void) | undefined

  function watch(): void {
    const due = environment.now() + LOOK_MS
    stop = environment.after(LOOK_MS, () => {
      stop = undefined
      if (!options.isAwaited()) return
      silent = environment.now() - due > LATE_MS ? 0 : silent + 1
      if (silent >= patience.looks + ANSWER) {
        patience.looks = Math.min(patience.looks * 2, LOOKS_CAP)
        return options.onHung()
      }
      watch()
      if (silent === patience.looks) options.ping()
    })
  }

  return {
    called() {
      if (stop) return
      silent = 0
      watch()
    },
    heard() {
      silent = 0
      if (environment.now() >= steadyAt) patience.looks = LOOKS
    },
    close() {
      stop?.()
      stop = undefined
    },
  }
}
