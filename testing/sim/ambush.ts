/**
 * Owns the blows that wait for their moment: as soon as a worker has heard a certain word of the
 * gateway's, and before anything else happens. Then it is killed at once; or its tabs are, before they
 * hear what it has just passed on; or it is left alone with a disk that takes its time, loses its
 * connection, greets anew, and is killed before the disk has answered. Chance alone rarely hits such a
 * moment. A disk that is slow and no more has broken no promise.
 */
import type { SimWorker } from './browser.js'
import { tabEnds } from './tab-ends.js'
import { CHANNELS, type World } from './world.js'

export interface Ambush {
  /** What the worker hears, as the trace names it. */
  readonly word: 'ack' | 'nack' | 'events' | 'welcome'
  readonly victim: 'worker' | 'tabs'
  /** How long the worker lives on, with a slow disk and a lost connection; 0: not at all. */
  readonly ms: number
  /** Its tabs stop meanwhile: what it tells them then is lost with it. */
  readonly isUnheard: boolean
}

export interface Ambushes {
  lay(ambush: Ambush): void
  /** After each step: whether the moment has come. */
  look(world: World): void
}

export function createAmbushes(): Ambushes {
  let laid: Ambush | undefined

  return {
    lay(ambush) {
      laid = ambush
    },
    look(world) {
      const { scheduler, browser, records } = world
      const { thread, what } = scheduler.trace.at(-1) ?? {}
      if (!laid || !what?.endsWith(`: ${laid.word}`)) return
      const worker = browser.workers.find(({ agent }) => agent.thread.name === thread)
      if (!worker) return
      const { word, victim, ms, isUnheard } = laid
      laid = undefined
      records.tell(`${thread} hears ${word}: the ambush`)
      if (victim === 'tabs') restore(world)
      // Two delays in a row would be more than a disk may take.
      else if (!ms || world.disks.fault !== 'none') browser.kill(worker)
      else besiege(world, worker, ms, isUnheard)
    },
  }
}

/** All tabs crash, and the browser brings them back: they read on from where they were. */
function restore(world: World): void {
  for (const app of [...world.apps]) {
    tabEnds(world, app, 'crashed')
    const heir = world.openTab()
    for (const channel of CHANNELS) {
      const name = world.next('reader ')
      heir.subscribe({ name, channel, from: 'last', history: 0, position: undefined })
    }
  }
}

function besiege(world: World, worker: SimWorker, ms: number, isUnheard: boolean): void {
  const { apps, browser, disks, network, records, fate } = world
  const deaf = apps.filter(({ tab }) => isUnheard && tab.state === 'here')
  for (const { tab } of deaf) {
    records.inbox({ fact: 'tab-goes', tab: tab.name })
    tab.stick()
  }
  disks.fault = 'stalled'
  network.cut()
  fate.after(ms, 'the ambush is over', () => {
    if (browser.workers.includes(worker)) browser.kill(worker)
    disks.fault = 'none'
    for (const { tab } of deaf) {
      if (tab.state !== 'stuck') continue
      records.inbox({ fact: 'tab-back', tab: tab.name })
      tab.comeBack()
    }
  })
}
