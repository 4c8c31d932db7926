/**
 * Proves that a line is one line though its tabs reach it in different ways [P1] [P12]: a tab that may
 * not have a SharedWorker, or whose SharedWorker is silent, shares the broker of all others, whichever
 * was there first [F5], and no event is lost on the way from one host to the next [P6].
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { test as base } from './support/fixtures.js'
import { serveLateWorker } from './support/late-worker.js'
import type { Tab } from './support/tab.js'

const test = base.extend<{ readonly openForbidden: (name: string) => Promise<Tab> }>({
  /** Opens a tab that may not have a SharedWorker: a policy of its own, for example. */
  openForbidden: ({ openIdleTab }, use) =>
    use(async (name) => {
      const tab = await openIdleTab(name)
      await tab.page.evaluate(() => {
        Object.assign(globalThis, {
          SharedWorker: class {
            constructor() {
              throw new DOMException('not in this page', 'SecurityError')
            }
          },
        })
      })
      return tab
    }),
})

const counted = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

async function expectShared(tabs: readonly Tab[], host: string): Promise<void> {
  for (const tab of tabs) {
    await expect
      .poll(tab.status, { timeout: 30_000 })
      .toMatchObject({ state: 'online', tabs: tabs.length, host, storage: 'disk' })
  }
}

/** Each of them has them all, once and in order. */
async function expectEvents(tabs: readonly Tab[], count: number): Promise<void> {
  for (const tab of tabs) {
    await expect.poll(() => tab.payloads('news')).toEqual(counted(count))
    expect((await tab.log()).gaps).toEqual([])
  }
}

test.describe('tabs that reach their line in different ways (their own hosts)', () => {
  test('[P1] [P6] [F5] a leader makes room for the SharedWorker of a tab that comes later', async ({
    openForbidden,
    openTab,
    gateway,
  }) => {
    const leader = await openForbidden('A')
    await leader.connect()
    await leader.subscribeOnline('news')
    await expectShared([leader], 'leader-tab')
    for (const number of counted(100)) await gateway.publish('news', number)
    const later = openTab('B')
    for (const number of counted(200).slice(100)) await gateway.publish('news', number)
    await expectShared([leader, await later], 'shared-worker')
    await expectEvents([leader], 200)
    expect(await leader.leads()).toBe(false)
    // One after the other: who takes the line over opens one socket, and nobody else does.
    await expect.poll(gateway.stats).toEqual({ connections: 1, opened: 2 })
  })

  test('[P1] [P2] [P12] a tab without SharedWorker is served by that of another, and leads when it has died', {
    tag: NEEDS.workerDeath,
  }, async ({ openForbidden, openTab, gateway, guest }) => {
    const having = await openTab('A')
    await having.subscribeOnline('news')
    const without = await openForbidden('B')
    await without.connect()
    await without.subscribeOnline('news')
    await expectShared([having, without], 'shared-worker')
    expect(await without.leads()).toBe(false)
    const numbers = counted(100)
    for (const number of numbers) {
      await without.publish('news', number)
      if (number !== 50) continue
      await having.close()
      await guest.workersIn('shared-worker').kill()
    }
    await expectShared([without], 'leader-tab')
    await expectEvents([without], 100)
    const arrived = async () => (await gateway.read('news')).map(({ payload }) => payload)
    await expect.poll(arrived).toEqual(numbers)
    await expect.poll(gateway.stats).toEqual({ connections: 1, opened: 2 })
  })

  test('[P1] [P6] [P12] [F5] a tab whose SharedWorker is silent follows the leader that lives, until it comes up', async ({
    openForbidden,
    openIdleTab,
    site,
    gateway,
  }) => {
    test.slow()
    const { path, arrive } = serveLateWorker(site)
    const leader = await openForbidden('A')
    await leader.connect({ worker: path })
    await leader.subscribeOnline('news')
    const waiting = await openIdleTab('B')
    await waiting.connect({ worker: path })
    await waiting.subscribe('news')
    await expectShared([leader, waiting], 'leader-tab')
    // The leader is not at fault, and nobody has disturbed it.
    expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
    await expect.poll(() => waiting.position('news')).toBeDefined()
    for (const number of counted(50)) await gateway.publish('news', number)

    arrive()
    for (const number of counted(100).slice(50)) await gateway.publish('news', number)
    await expectShared([leader, waiting], 'shared-worker')
    await expectEvents([leader, waiting], 100)
    expect(await leader.leads()).toBe(false)
    await expect.poll(gateway.stats).toEqual({ connections: 1, opened: 2 })
  })
})
