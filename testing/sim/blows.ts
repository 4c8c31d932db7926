/** Owns what befalls tabs and workers in more than one way, and what of it goes on record. */
import type { App } from './app.js'
import type { SimWorker } from './browser.js'
import { leavesUndone } from './signing-out.js'
import type { World } from './world.js'

export function tabEnds(world: World, app: App, how: 'closed' | 'crashed'): void {
  const { tab } = app
  leavesUndone(world, app)
  world.records.inbox({ fact: 'tab-goes', tab: tab.name })
  if (how === 'closed') tab.close()
  else tab.crash()
  world.records.outbox({ fact: 'tab-ended', tab: tab.name, how })
  world.records.inbox({ fact: 'tab-ended', tab: tab.name, how: how === 'closed' ? how : 'killed' })
  world.forget(app)
}

/** It is killed, and what it had in memory is gone. */
export function workerDies({ records, browser }: World, worker: SimWorker): void {
  records.isWorkerHurt = true
  browser.kill(worker)
}

/** Beside more of them no tab starts another one (P12). */
const HUNG_MAX = 2

/** One that hangs already hangs as long as it was to. */
export function workerHangs(world: World, { agent, isService }: SimWorker, ms: number): void {
  const { records, fate, browser } = world
  const hung = browser.workers.filter((one) => one.agent.thread.state === 'hangs')
  // The browser ends a service worker that does not answer.
  if (isService || agent.thread.state === 'hangs' || hung.length >= HUNG_MAX) return
  records.isWorkerHurt = true
  records.inbox({ fact: 'worker-killed' })
  agent.thread.hang()
  fate.after(ms, 'the worker goes on', agent.thread.thaw)
}
