/**
 * Owns the dedicated worker of a leader: started when the tab is elected, it serves all tabs of the line
 * over the hub until its leader retires. When a leader dies its worker dies with it.
 */
import type { Report } from '../../protocol/hub.js'
import type { DedicatedWorker } from '../environment.js'
import type { Reign } from './election.js'

/** What is being written is somebody's work; but a worker that hangs must not keep the line. */
const RETIRE_MS = 2_000

export interface ReignOptions {
  readonly worker: DedicatedWorker
  readonly line: string
  after(ms: number, run: () => void): () => void
  /** It did not start, and never will. */
  onFailed(): void
}

export function createReign({ worker, line, after, onFailed }: ReignOptions): Reign {
  let isUp = false
  let isOver = false
  let hasLeft = (): void => {}
  const left = new Promise<void>((resolve) => {
    hasLeft = resolve
  })

  function end(): void {
    isOver = true
    worker.terminate()
    hasLeft()
  }

  // What a running worker throws is reported here too.
  worker.addEventListener('error', () => isUp || isOver || onFailed())
  worker.addEventListener('message', ({ data }) => {
    isUp = true
    if (data === ('left' satisfies Report)) end()
  })
  worker.postMessage({ kind: 'lead', line })
  return {
    retire() {
      worker.postMessage({ kind: 'leave' })
      const stop = after(RETIRE_MS, end)
      return left.then(stop)
    },
    end,
  }
}
