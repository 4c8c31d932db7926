/**
 * Owns the blows that wait for their moment: as soon as a worker has heard a certain word of the
 * gateway's, and before anything else happens, it is killed; or it is left alone with a disk that takes
 * its time, loses its connection, greets anew, and is killed before the disk has answered. Chance
 * alone rarely hits such a moment. A disk that is slow and no more has broken no promise.
 */
import type { SimWorker } from './browser.js'
import type { World } from './world.js'

export interface Ambush {
  /** What the worker hears, as the trace names it. */
  readonly word: 'ack' | 'nack' | 'events' | 'welcome'
  /** How long it lives on, with a slow disk and a lost connection; 0: not at all. */
  readonly ms: number
}

/** Returns what looks after each step whether the moment has come. */
export function createAmbushes(
  world: Pick<World, 'scheduler' | 'browser' | 'disks' | 'network' | 'fate' | 'records'>,
): { lay(ambush: Ambush): void; look(): void } {
  const { scheduler, browser, disks, network, fate, records } = world
  let laid: Ambush | undefined

  function spring({ word, ms }: Ambush, worker: SimWorker): void {
    records.isWorkerHurt = true
    records.tell(`${worker.agent.thread.name} hears ${word}, and is killed in ${ms} ms`)
    // Two delays in a row would be more than a disk may take.
    if (!ms || disks.fault !== 'none') return browser.kill(worker)
    disks.fault = 'stalled'
    network.cut()
    fate.after(ms, 'the ambush is over', () => {
      if (browser.workers.includes(worker)) browser.kill(worker)
      disks.fault = 'none'
    })
  }

  return {
    lay(ambush) {
      laid = ambush
    },
    look() {
      const { thread, what } = scheduler.trace.at(-1) ?? {}
      if (!laid || !what?.endsWith(`: ${laid.word}`)) return
      const worker = browser.workers.find(({ agent }) => agent.thread.name === thread)
      if (!worker) return
      const ambush = laid
      laid = undefined
      spring(ambush, worker)
    },
  }
}
