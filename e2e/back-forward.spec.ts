/**
 * Proves that a tab in the back/forward cache is off the line while it is there, and when it comes
 * back has missed nothing [P6] [F14]. That the page comes back alive, not anew, is its own log's word.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import type { Shown } from './page/tab-api.js'
import { test } from './support/fixtures.js'
import { SHARED_LINE } from './support/hosts.js'
import { createTraffic } from './support/traffic.js'

test.use({ bond: SHARED_LINE })

const ROUNDS = 10

const ELIGIBLE: Shown = { isPersisted: true, reasons: null }

test('[P1] [P6] [P12] [F14] a tab that goes away and comes back ten times catches up from its own place', {
  tag: NEEDS.backForwardCache,
}, async ({ openTab, gateway, site }) => {
  // Twenty navigations.
  test.slow()
  const [left, away] = [await openTab('left'), await openTab('away')]
  for (const tab of [away, left]) await tab.subscribeOnline('news')
  const traffic = createTraffic([left, away], gateway)
  await traffic.some()
  await traffic.ask([away])
  const told = async (): Promise<number> => (await left.payloads('news')).length

  for (let round = 0; round < ROUNDS; round++) {
    await away.page.goto(`${site.origin}/page-client.js`)
    await expect.poll(async () => (await left.status())?.tabs).toBe(1)
    await traffic.tell()
    await expect.poll(told).toBe(traffic.told)

    await away.page.goBack()
    await expect.poll(async () => (await left.status())?.tabs).toBe(2)
    await traffic.tell()
  }

  // The first time it was loaded.
  const { shown } = await away.log()
  expect(shown.slice(1)).toEqual(Array.from({ length: ROUNDS }, () => ELIGIBLE))
  await traffic.some()
  await traffic.expectWhole([left, away])
  expect((await gateway.stats()).opened).toBe(1)
})

test('[P12] [F14] a page that the browser does not keep is forgotten, and told why', {
  tag: [NEEDS.backForwardCache, NEEDS.evictionReasons],
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
  await expect.poll(async () => (await left.status())?.tabs).toBe(1)
  expect(await left.signOut('discard')).toBeUndefined()
  await expect.poll(async () => (await gateway.stats()).connections).toBe(0)

  await away.page.goBack()
  await expect.poll(away.status).toMatchObject({ state: 'stopped', cause: 'auth', queued: 0 })
  expect(await away.sendBadly({})).toMatchObject({ code: 'signed-out' })
  expect((await gateway.stats()).opened).toBe(1)
})
