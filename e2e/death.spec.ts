/**
 * Proves that the death of the worker under living tabs is a normal event [P12], however it comes about
 * [F1] [F2]: afterwards there is one socket [P1], no tab misses or repeats an event [P6], what was queued
 * takes effect once [P3], every call has its answer, and the status is true [P9].
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { TIMED, test } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import { networkServiceOf } from './support/processes.js'
import type { Profile } from './support/profile.js'
import type { Tab } from './support/tab.js'

/** Time for a hung worker to be found, on a busy machine. */
const FOUND = { timeout: 30_000 }

async function openTabs(profile: Profile, count: number): Promise<Tab[]> {
  await profile.launch()
  const tabs: Tab[] = []
  for (let number = 1; number <= count; number++) {
    const tab = await profile.openTab(`${number}`)
    await tab.connect()
    await tab.subscribeOnline('news')
    tabs.push(tab)
  }
  await expectAllOnline(tabs)
  return tabs
}

async function expectAllOnline(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) {
    await expect
      .poll(() => tab.status(), FOUND)
      .toMatchObject({ state: 'online', tabs: tabs.length, queued: 0, storage: 'disk' })
  }
}

/** What goes on while something dies: events, operations, a request that is never answered. */
async function createTraffic(tabs: readonly Tab[], gateway: Gateway) {
  const sent: number[] = []
  const keys: [Tab, string][] = []
  const asked = tabs.map((tab) => tab.request('slow', null, { timeout: 50_000 }))
  // That of a tab that dies.
  for (const one of asked) one.catch(() => {})
  const some = async (): Promise<void> => {
    for (let count = 0; count < 10; count++) {
      const number = sent.length
      sent.push(number)
      await gateway.publish('news', number)
      for (const tab of tabs) keys.push([tab, await tab.publish('work', keys.length)])
    }
  }
  return {
    some,
    async expectWhole(living: readonly Tab[]): Promise<void> {
      await expectAllOnline(living)
      for (const tab of living) {
        await expect.poll(() => tab.payloads('news'), FOUND).toEqual(sent)
        expect((await tab.log()).gaps).toEqual([])
      }
      const own = keys.map(([tab], number) => ({ tab, number }))
      const work = async (): Promise<unknown[]> =>
        (await gateway.read('work')).map(({ payload }) => payload)
      await expect.poll(async () => (await work()).length, FOUND).toBe(keys.length)
      const done = await work()
      for (const tab of tabs) {
        // In the order in which each tab has sent them.
        const mine = own.filter((one) => one.tab === tab).map(({ number }) => number)
        expect(done.filter((number) => mine.includes(number as number))).toEqual(mine)
      }
      for (const [tab, key] of keys.filter(([sender]) => living.includes(sender))) {
        await expect
          .poll(() => tab.delivery(key), FOUND)
          .toMatchObject({ stored: 'stored', done: { result: {} } })
      }
      for (const [index, tab] of tabs.entries()) {
        if (!living.includes(tab)) continue
        // Not its own timeout: somebody noticed.
        expect(await asked[index]).toMatchObject({ error: { code: 'interrupted' } })
      }
      expect((await gateway.stats()).connections).toBe(1)
    },
  }
}

for (const [how, kill, need] of [
  [
    'loses its network service to kill -9',
    (profile: Profile) => {
      const pid = networkServiceOf(profile.browser.pid)
      if (pid === undefined) throw new Error('there is no network service')
      process.kill(pid, 'SIGKILL')
    },
    NEEDS.networkService,
  ],
  ['closes its worker', (profile: Profile) => profile.browser.workers.kill(), NEEDS.workerDeath],
] as const) {
  test(`[P1] [P3] [P6] [P12] [F1] three tabs go on when the browser ${how}`, {
    tag: [NEEDS.keptProfile, NEEDS.seenWorkers, need],
  }, async ({ profile, gateway }) => {
    const tabs = await openTabs(profile, 3)
    const traffic = await createTraffic(tabs, gateway)
    const before = await profile.browser.workers.list()
    await traffic.some()
    await kill(profile)
    await traffic.some()
    await traffic.expectWhole(tabs)
    const after = await profile.browser.workers.list()
    // Beside the one that lives there may be one that the browser has started and never ran.
    expect(after.filter((worker) => before.includes(worker))).toEqual([])
  })
}

test('[P3] [P6] [P12] [F1] the others go on when the worker dies with the process of a tab', {
  tag: [NEEDS.keptProfile, NEEDS.killedTab, NEEDS.seenWorkers],
}, async ({ profile, gateway }) => {
  const tabs = await openTabs(profile, 3)
  const traffic = await createTraffic(tabs, gateway)
  const before = await profile.browser.workers.list()
  await traffic.some()
  const work = await gateway.read('work')
  expect(work.length).toBeGreaterThan(0)
  // It was there first, so the worker lives with it.
  const [host, ...others] = tabs as [Tab, ...Tab[]]
  await host.crash()
  await traffic.expectWhole(others)
  expect(await profile.browser.workers.list()).not.toEqual(before)
})

test('[P1] [P3] [P6] [P12] [F2] three tabs go on when the worker runs in an endless loop', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers, NEEDS.workerDeath],
}, async ({ profile, gateway }) => {
  test.slow()
  const tabs = await openTabs(profile, 3)
  const traffic = await createTraffic(tabs, gateway)
  await traffic.some()
  await profile.browser.workers.hang()
  await traffic.some()
  await traffic.expectWhole(tabs)

  // Who comes now, or comes again, finds the one that lives.
  const late = await profile.openTab('late')
  await late.connect()
  const [first] = tabs as [Tab]
  await first.reload()
  await first.connect()
  await expectAllOnline([...tabs, late])
  expect(await profile.browser.workers.list()).toHaveLength(2)
  expect((await gateway.stats()).connections).toBe(1)
})

test('[P1] [P2] [P3] [F3] twenty reloads in a row lose nothing and leave one socket', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers],
}, async ({ profile, gateway }) => {
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
  expect(await profile.browser.workers.list()).toHaveLength(1)
})

test('[P1] [P6] [P12] [F4] thirty tabs that open at once share one worker and one socket', {
  tag: [NEEDS.keptProfile, NEEDS.seenWorkers],
}, async ({ profile, gateway }) => {
  test.slow()
  await profile.launch()
  const names = Array.from({ length: 30 }, (_, number) => `${number}`)
  const tabs = await Promise.all(names.map((name) => profile.openTab(name)))
  await Promise.all(tabs.map((tab) => tab.connect()))
  await Promise.all(tabs.map((tab) => tab.subscribeOnline('news')))
  await expectAllOnline(tabs)
  await gateway.publish('news', 'one')
  for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(['one'])
  expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
  expect(await profile.browser.workers.list()).toHaveLength(1)
})

test(
  '[P6] [P9] [P12] [F1] ten tabs are back and consistent within 500 ms of the kill',
  { tag: [TIMED, NEEDS.keptProfile, NEEDS.workerDeath] },
  async ({ profile, gateway }, testInfo) => {
    const tabs = await openTabs(profile, 10)
    const at = Date.now()
    await profile.browser.workers.kill()
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
