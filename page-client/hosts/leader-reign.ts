/**
 * Owns the dedicated worker of a leader: started when the tab is elected, it serves all tabs of the line
 * over the hub until its leader retires. When a leader dies its worker dies with it.
 *
 * The other way round nobody says a word: so the worker holds a lock for as long as it lives, and is
 * asked whether it is there when a tab has had no answer. One that hangs is ended, which only its own
 * page can do, and then all that it held is free (P12, F2).
 */
import type { Report } from '../../protocol/hub.js'
import { reignLockName } from '../../protocol/line-name.js'
import type { DedicatedWorker } from '../environment.js'
import type { Reign } from './election.js'

/** What is being written is somebody's work; but a worker that hangs must not keep the line. */
const RETIRE_MS = 2_000
/** For an answer, after some seconds in which a tab had none. */
const DOUBT_MS = 2_000
/** A script may take its time over a slow network. One that fails is reported; one that is lost is not. */
const START_MS = 15_000

export interface ReignOptions {
  readonly worker: DedicatedWorker
  readonly line: string
  after(ms: number, run: () => void): () => void
  whenLockFree(name: string, run: () => void): () => void
  /** It did not start. */
  onFailed(): void
  /** It died, or hung. */
  onLost(): void
}

export interface LeaderReign extends Reign {
  /** A tab has had no answer. */
  doubt(): void
}

export function createReign({ worker, line, after, ...options }: ReignOptions): LeaderReign {
  let isUp = false
  let isOver = false
  let stopWatching = (): void => {}
  let stopWaiting: (() => void) | undefined = after(START_MS, lost)
  let hasLeft = (): void => {}
  const left = new Promise<void>((resolve) => {
    hasLeft = resolve
  })

  function end(): void {
    isOver = true
    stopWatching()
    stopWaiting?.()
    worker.terminate()
    hasLeft()
  }

  function lost(): void {
    if (isOver) return
    end()
    options.onLost()
  }

  // What a running worker throws is reported here too.
  worker.addEventListener('error', () => isUp || isOver || options.onFailed())
  worker.addEventListener('message', ({ data }) => {
    if (isOver) return
    if (data === ('left' satisfies Report)) return end()
    stopWaiting?.()
    stopWaiting = undefined
    if (!isUp) stopWatching = options.whenLockFree(reignLockName(line), lost)
    isUp = true
  })
  worker.postMessage({ kind: 'lead', line })
  return {
    retire() {
      // Its lock is free then, and nothing is lost.
      stopWatching()
      worker.postMessage({ kind: 'leave' })
      const stop = after(RETIRE_MS, end)
      return left.then(stop)
    },
    doubt() {
      if (stopWaiting || isOver) return
      worker.postMessage({ kind: 'ping' })
      stopWaiting = after(DOUBT_MS, lost)
    },
    end,
  }
}
