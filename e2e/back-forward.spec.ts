/**
 * Proves that a tab in the back/forward cache is off the line while it is there, and when it comes
 * back has missed nothing [P6] [F14]. That the page comes back alive, not anew, is its own log's word.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import type { Shown } from './page/tab-api.js'
import { test } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import { linesOf, tabsALine } from './support/hosts.js'
import type { Tab } from './support/tab.js'
import { createTraffic, expectAllOnline } from './support/traffic.js'

const ROUNDS = 10

const ELIGIBLE: Shown = { isPersisted: true, reasons: null }

/** These are on the line, each on its own where they have one each, and nobody else is. */
async function expectThere(tabs: readonly Tab[], gateway: Gateway): Promise<void> {
  for (const tab of tabs) {
    await expect.poll(async () => (await tab.status())?.tabs).toBe(tabsALine(tabs))
  }
  await expect.poll(async () => (await gateway.stats()).connections).toBe(linesOf(tabs).length)
}

test('[P1] [P6] [P12] [F14] a tab that goes away and comes back ten times catches up from its own place', {
  tag: NEEDS.backForwardCache,
}, async ({ openTab, gateway, site }) => {
  // Twenty navigations.
  test.slow()
  const [left, away] = [await openTab('left'), await openTab('away')]
  for (const tab of [away, left]) await tab.subscribeOnline('news')
  const traffic = createTraffic([left, away], gateway)
  await traffic.some()
  // Who has to be asked whose an operation is cannot be kept where every page has its own line.
  await expectAllOnline([left, away])
  await traffic.ask([away])
  const told = async (): Promise<number> => (await left.payloads('news')).length

  for (let round = 0; round < ROUNDS; round++) {
    await away.page.goto(`${site.origin}/page-client.js`)
    await expectThere([left], gateway)
    await traffic.tell()
    await expect.poll(told).toBe(traffic.told)

    await away.page.goBack()
    await expectThere([left, away], gateway)
    await traffic.tell()
  }

  // The first time it was loaded.
  const { shown } = await away.log()
  expect(shown.slice(1)).toEqual(Array.from({ length: ROUNDS }, () => ELIGIBLE))
  await traffic.some()
  await traffic.expectWhole([left, away])
  const isShared = linesOf([left, away]).length === 1
  expect((await gateway.stats()).opened).toBe(isShared ? 1 : 2 + ROUNDS)
})

test('[P12] [F14] a page that the browser does not keep is forgotten, and told why', {
  tag: [NEEDS.backForwardCache, NEEDS.evictionReasons, BONDS.locks],
}, async ({ openTab, site }) => {
  const [left, away] = [await openTab('left'), await openTab('away')]
  for (const tab of [left, away]) await expect.poll(async () => (await tab.status())?.tabs).toBe(2)
  await away.holdLock('wanted')
  await away.page.goto(`${site.origin}/page-client.js`)
  // Whoever waits for what a page in the cache holds puts it out.
  await left.lockFreed('wanted')
  await expect.poll(async () => (await left.status())?.tabs).toBe(1)
  await away.page.goBack()
  await away.isThere()
  const [shown] = (await away.log()).shown
  expect(shown).toEqual({ isPersisted: false, reasons: ['weblocks-contention'] })
})

test('[P13] [F14] a tab that comes back after its identity was signed out stays off the line', {
  tag: NEEDS.backForwardCache,
}, async ({ openTab, gateway, site }) => {
  const [left, away] = [await openTab('left'), await openTab('away')]
  for (const tab of [away, left]) await expect.poll(tab.state).toBe('online')
  await away.page.goto(`${site.origin}/page-client.js`)
  await expectThere([left], gateway)
  expect(await left.signOut('discard')).toBeUndefined()
  await expect.poll(async () => (await gateway.stats()).connections).toBe(0)

  await away.page.goBack()
  await expect.poll(away.status).toMatchObject({ state: 'stopped', cause: 'auth', queued: 0 })
  expect(await away.sendBadly({})).toMatchObject({ code: 'signed-out' })
  expect((await gateway.stats()).opened).toBe(linesOf([left, away]).length)
})
