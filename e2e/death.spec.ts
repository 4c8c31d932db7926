/**
 * Proves that the death of the worker under living tabs is a normal event [P12], however it comes about
 * [F1] [F2]: afterwards there is one socket a line [P1], no tab misses or repeats an event [P6], what was queued
 * takes effect once [P3], every call has its answer, and the status is true [P9].
 */
import { expect } from '@playwright/test'
import type { Host } from '../protocol/status.js'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import type { BrokerWorkers } from './drivers/driver.js'
import { test as base, TIMED } from './support/fixtures.js'
import { linesOf, storageIn, tabsALine } from './support/hosts.js'
import { killNetworkService } from './support/processes.js'
import type { Profile } from './support/profile.js'
import type { Tab } from './support/tab.js'
import {
  createTraffic,
  expectAllOnline,
  FOUND,
  openTabs as openSome,
  type Traffic,
} from './support/traffic.js'

const test = base.extend<{ readonly workers: () => BrokerWorkers }>({
  workers: ({ profile, host }, use) => use(() => profile.browser.workersIn(host)),
})

/** Those of one line ask; where nothing is on disk, what is on its way when a line dies may be done twice, so nothing is. */
async function begin(tabs: readonly Tab[], traffic: Traffic, host: Host): Promise<void> {
  await traffic.ask(tabs.slice(0, tabsALine(tabs)))
  await traffic.some()
  if (storageIn(host) === 'memory') await expectAllOnline(tabs)
}

async function openTabs(profile: Profile, count: number): Promise<Tab[]> {
  await profile.launch()
  return openSome(count, profile.openTab)
}

for (const [how, kill, deadly, need] of [
  [
    'loses its network service to kill -9',
    async ({ browser }: Profile) => killNetworkService(browser.pid),
    // A dedicated worker outlives it.
    ['shared-worker'],
    NEEDS.networkService,
  ],
  [
    'closes its worker',
    async (_: Profile, workers: BrokerWorkers) => void (await workers.kill()),
    ['shared-worker', 'leader-tab', 'page'],
    NEEDS.workerDeath,
  ],
] as const) {
  test(`[P1] [P3] [P6] [P12] [F1] three tabs go on when the browser ${how}`, {
    tag: [NEEDS.keptProfile, NEEDS.seenWorkers, need],
  }, async ({ profile, workers, host, gateway }) => {
    const tabs = await openTabs(profile, 3)
    const traffic = createTraffic(tabs, gateway)
    const before = await workers().ids()
    await begin(tabs, traffic, host)
    await kill(profile, workers())
    await traffic.some()
    await traffic.expectWhole(tabs)
    const after = await workers().ids()
    const dead = deadly.some((one) => one === host) ? 1 : 0
    // Beside those that live there may be one that the browser has started and never ran.
    expect(after.filter((worker) => before.includes(worker))).toHaveLength(before.length - dead)
  })
}

test(
  '[P1] [P2] [P3] [P6] [P12] [F1] the others go on after kill -9 of the process that a tab shares with the worker',
  {
    tag: [NEEDS.keptProfile, NEEDS.killedTab, NEEDS.seenWorkers, BONDS.lastingLine],
  },
  async ({ profile, workers, gateway }, testInfo) => {
    const tabs = await openTabs(profile, 4)
    const traffic = createTraffic(tabs, gateway)
    await traffic.ask()
    const before = await workers().ids()
    await traffic.some()
    // What is queued, and where each tab stands, has to come from disk.
    gateway.freeze()
    await traffic.work()
    for (const tab of tabs)
      await expect.poll(async () => (await tab.status())?.queued).toBeGreaterThan(0)
    // It was there first, so the worker lives with it.
    const [host, ...others] = tabs as [Tab, ...Tab[]]
    const at = await host.crash()
    expect(await workers().ids()).not.toEqual(before)
    gateway.thaw()
    await traffic.tell()
    await traffic.expectWhole(others)
    const back = others.map(async (tab) => {
      const { statuses } = await tab.log()
      const isBack = (one: (typeof statuses)[number]): boolean =>
        one.at > at && one.status.state === 'online' && one.status.tabs === others.length
      return (statuses.find(isBack)?.at ?? Infinity) - at
    })
    const figure = `three tabs: the last is online ${Math.round(Math.max(...(await Promise.all(back))))} ms after kill -9 of the process of tab and worker`
    testInfo.annotations.push({ type: 'figure', description: figure })
    console.log(figure)
  },
)

test('[P1] [P3] [P6] [P12] [F2] three tabs go on when the worker runs in an endless loop', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers, NEEDS.workerDeath],
}, async ({ profile, workers, host, gateway }) => {
  test.slow()
  const tabs = await openTabs(profile, 3)
  const traffic = createTraffic(tabs, gateway)
  await begin(tabs, traffic, host)
  await workers().hang('before-a-write')
  await traffic.some()
  await traffic.expectWhole(tabs)

  // Who comes now, or comes again, finds the one that lives.
  const late = await profile.openTab('late')
  await late.connect()
  const [first] = tabs as [Tab]
  await first.reload()
  await first.connect()
  await expectAllOnline([...tabs, late])
  const lines = linesOf([...tabs, late]).length
  // Nobody can end a SharedWorker; a page ends its own.
  expect(await workers().ids()).toHaveLength(host === 'shared-worker' ? 2 : lines)
  await expect.poll(async () => (await gateway.stats()).connections).toBe(lines)
})

test(
  '[P2] [P3] [P4] [P6] [P12] [F2] [G3] a worker that hangs in the middle of a write keeps the disk from the next one until the browser takes it',
  {
    tag: [NEEDS.keptProfile, NEEDS.seenWorkers, NEEDS.workerDeath, BONDS.lastingWorker],
  },
  async ({ profile, workers, gateway }, testInfo) => {
    // The patience of the browser is a minute.
    test.setTimeout(180_000)
    const tabs = await openTabs(profile, 3)
    const traffic = createTraffic(tabs, gateway)
    await workers().hang('in-a-write')
    await traffic.some()
    const start = performance.now()
    for (const tab of tabs) {
      await expect
        .poll(() => tab.status(), FOUND)
        .toMatchObject({
          state: 'online',
          storage: 'memory',
          storageError: { code: 'no-storage' },
          queued: 0,
        })
    }
    await traffic.expectTold(tabs)
    for (const tab of tabs) {
      const onDisk = { state: 'online', storage: 'disk', tabs: tabs.length, queued: 0 }
      await expect.poll(() => tab.status(), { timeout: 100_000 }).toMatchObject(onDisk)
    }
    const seconds = Math.round((performance.now() - start) / 1000)
    const figure = `a worker hangs in the middle of a write: the next one has the disk ${seconds} s later`
    testInfo.annotations.push({ type: 'figure', description: figure })
    console.log(figure)
    await traffic.tell()
    await traffic.expectTold(tabs)
    const [tab] = tabs as [Tab]
    const key = await tab.publish('after', null)
    const stored = async () => (await tab.log()).deliveries[key]?.stored
    await expect.poll(stored).toBe('stored')
  },
)

test('[P1] [P2] [P3] [F3] twenty reloads in a row lose nothing and leave one socket', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers, BONDS.lastingLine],
}, async ({ profile, workers, gateway }) => {
  const [tab] = (await openTabs(profile, 1)) as [Tab]
  const numbers = Array.from({ length: 20 }, (_, number) => number)
  for (const number of numbers) {
    await tab.publish('work', number)
    await tab.reload()
    await tab.connect()
  }
  await expectAllOnline([tab])
  const work = async () => (await gateway.read('work')).map(({ payload }) => payload)
  await expect.poll(work).toEqual(numbers)
  await expect.poll(async () => (await gateway.stats()).connections).toBe(1)
  expect(await workers().ids()).toHaveLength(1)
})

test('[P1] [P6] [P12] [F4] thirty tabs that open at once share one worker and one socket', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers],
}, async ({ profile, workers, gateway }) => {
  test.slow()
  await profile.launch()
  const names = Array.from({ length: 30 }, (_, number) => `${number}`)
  const tabs = await Promise.all(names.map((name) => profile.openTab(name)))
  await Promise.all(tabs.map((tab) => tab.connect()))
  await Promise.all(tabs.map((tab) => tab.subscribeOnline('news')))
  await expectAllOnline(tabs)
  await gateway.publish('news', 'one')
  for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(['one'])
  const lines = linesOf(tabs).length
  expect(await gateway.stats()).toEqual({ connections: lines, opened: lines })
  expect(await workers().ids()).toHaveLength(lines)
})

test(
  '[P6] [P9] [P12] [F1] ten tabs are back and consistent within 500 ms of the kill',
  { tag: [TIMED, NEEDS.keptProfile, NEEDS.workerDeath, BONDS.locks] },
  async ({ profile, workers, gateway }, testInfo) => {
    const tabs = await openTabs(profile, 10)
    const at = Date.now()
    await workers().kill()
    await gateway.publish('news', 'after')
    const back: number[] = []
    for (const tab of tabs) {
      await expect.poll(() => tab.payloads('news')).toEqual(['after'])
      await expect.poll(() => tab.status()).toMatchObject({ state: 'online', tabs: 10 })
      const { statuses, events } = await tab.log()
      const online = statuses.find(
        ({ at: when, status }) => when > at && status.state === 'online' && status.tabs === 10,
      )
      back.push(Math.max(online?.at ?? Infinity, events[0]?.at ?? Infinity) - at)
    }
    const worst = Math.round(Math.max(...back))
    testInfo.annotations.push({ type: 'figure', description: `the last of ten after ${worst} ms` })
    console.log(`ten tabs: the last is back and consistent ${worst} ms after the kill`)
    expect(worst).toBeLessThan(500)
  },
)
