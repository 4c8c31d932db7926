/**
 * Owns the question of what is left when all have gone (P14): a worker without tabs lets go of line and
 * socket, and when it is gone too, nothing of it is held and nothing waits for it.
 */

import type { Complaint } from '../complaint.js'
import { pass } from '../pass.js'
import type { World } from '../world.js'

/** The linger of a line without tabs, and what it takes to leave. */
const GOODBYE_MS = 13_000
const OVER_MS = 80_000
/** A sync that had failed may just have been fired again: what a service worker has to do, and how long it idles. */
const SYNC_MS = 60_000

export async function findLeaks(world: World): Promise<readonly Complaint[]> {
  const { scheduler, apps, browser, locks, network } = world
  await scheduler.act('all tabs are closed', () => {
    for (const { tab } of apps) tab.close()
    // It can give nothing back; somebody ends it.
    for (const worker of browser.workers)
      if (worker.agent.thread.state === 'hangs') browser.kill(worker)
  })
  apps.length = 0
  await pass(world, GOODBYE_MS)
  const left = [
    ...network.open.map(({ agent }) => `a socket of ${agent.thread.name}`),
    ...locks.held().filter((name) => name.endsWith(':line')),
  ]
  await pass(world, OVER_MS)
  await pass(world, SYNC_MS, () => !browser.workers.some(({ isService }) => isService))
  left.push(
    ...browser.workers.map(({ agent }) => agent.thread.name),
    ...locks.held(),
    ...scheduler
      .waiting()
      .filter(({ thread }) => /^(tab|worker|service)/.test(thread))
      .map(({ thread, what }) => `${what} of ${thread}`),
  )
  return left.map((why) => ({ promise: 'P14', what: 'leak', why }))
}
