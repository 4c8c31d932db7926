/**
 * Owns the drill: when all is at rest and the weather is steady, the worker hangs for good, and a tab sends
 * something. Here, where nothing else is wrong, it can be said how long that may take (P12): in a storm
 * nobody could tell whose fault it was.
 */
import { workerHangs } from './blows.js'
import { pass } from './pass.js'
import type { World } from './world.js'

/** Five looks of the tab, a second for the announcement, and a new line in the slowest steady weather. */
const FOLLOWED_MS = 10_000
const OPENED_MS = 2_000
/** Longer than the rest of the run. */
const FOR_GOOD_MS = 600_000

export async function drill(world: World): Promise<void> {
  const { apps, browser, records, scheduler, weather } = world
  const [worker, another] = browser.workers
  if (!weather.isSteady || records.isEachAlone || !apps.length) return
  if (!worker || another || worker.agent.thread.state === 'hangs') return
  // Who has accused workers before waits longer.
  await scheduler.act('a tab for the drill', () => void world.openTab(apps[0]?.person))
  await pass(world, OPENED_MS)
  const app = apps.at(-1)
  if (!app) return
  const { tab, send, pending } = app
  const key = world.next('op ')
  await scheduler.act('the drill', () => {
    records.tell('the drill')
    workerHangs(world, worker, FOR_GOOD_MS)
    send({ key, channel: 'a', lane: 'a', kind: 'publish' })
  })
  if (await pass(world, FOLLOWED_MS, () => !pending().length)) return
  const why = `${tab.name} is not followed within ${FOLLOWED_MS} ms`
  records.complain({ promise: 'P12', what: 'not-followed', why })
}
