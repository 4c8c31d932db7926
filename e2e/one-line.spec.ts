/** Proves [P1] and [P6] with ten real tabs, and that whoever dies, the rest go on [P12] [F14]. */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { TIMED, test } from './support/fixtures.js'
import { linesOf } from './support/hosts.js'
import type { Tab } from './support/tab.js'
import { expectAllOnline } from './support/traffic.js'

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J']
const COUNT = 50

test.describe('ten tabs, ten subscribers', () => {
  let tabs: Tab[]

  test.beforeEach(async ({ openTab }) => {
    tabs = []
    for (const name of NAMES) {
      const tab = await openTab(name)
      await tab.subscribeOnline('news')
      tabs.push(tab)
    }
    await expectAllOnline(tabs)
  })

  test('[P1] [P6] share one connection, if they share a line, and each sees each event once and in order', async ({
    gateway,
  }) => {
    const lines = linesOf(tabs).length
    expect(await gateway.stats()).toEqual({ connections: lines, opened: lines })
    const sent = await publishSome(0, (payload) => gateway.publish('news', payload))
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(sent)
    expect(await gateway.stats()).toEqual({ connections: lines, opened: lines })
  })

  test('[P6] what one tab publishes arrives in all, its own included', async () => {
    const [first] = tabs as [Tab]
    const sent = await publishSome(0, (payload) => first.publish('news', payload))
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(sent)
  })

  for (const [how, end, needs] of [
    ['closed by force', (tab: Tab) => tab.close(), []],
    ['killed', (tab: Tab) => tab.crash(), [NEEDS.killedTab]],
  ] as const) {
    test(`[P12] [F14] the rest do not notice a tab that is ${how}, and it is forgotten within 100 ms`, {
      tag: [TIMED, BONDS.sharedLine, ...needs],
    }, async ({ gateway }) => {
      const before = await publishSome(0, (payload) => gateway.publish('news', payload))
      const [victim] = tabs.splice(4, 1) as [Tab]
      // How long a browser takes to end a process is its own affair: the clock runs from when it
      // frees what the dead tab held.
      await victim.holdLock('the victim lives')
      const freed = (tabs[0] as Tab).lockFreed('the victim lives')
      const asked = await end(victim)
      const dead = await freed
      const after = await publishSome(COUNT, (payload) => gateway.publish('news', payload))

      for (const tab of tabs) {
        await expect.poll(() => tab.payloads('news')).toEqual([...before, ...after])
        const { statuses } = await tab.log()
        const forgotten = statuses.find((entry) => entry.at >= asked && entry.status.tabs === 9)
        expect(forgotten?.at, `tab ${tab.name} hears of it`).toBeLessThan(dead + 100)
      }
      expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
    })
  }
})

async function publishSome(
  from: number,
  publish: (payload: unknown) => Promise<string>,
): Promise<readonly unknown[]> {
  const payloads = Array.from({ length: COUNT }, (_, index) => ({ number: from + index }))
  for (const payload of payloads) await publish(payload)
  return payloads
}
