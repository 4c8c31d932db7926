/**
 * Proves that a tab in the back/forward cache is off the line while it is there, and when it comes
 * back has missed nothing [P6] [F14]. That the page comes back alive, not anew, is its own log's word.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { test } from './support/fixtures.js'

test('[P6] [P12] [F14] a tab that goes away and comes back catches up from its own place', {
  tag: NEEDS.backForwardCache,
}, async ({ openTab, gateway, site }) => {
  const [left, away] = [await openTab('left'), await openTab('away')]
  for (const tab of [away, left]) await tab.subscribeOnline('news')
  await gateway.publish('news', 1)
  await expect.poll(() => away.payloads('news')).toEqual([1])

  for (let round = 0; round < 3; round++) {
    await away.page.goto(`${site.origin}/page-client.js`)
    await expect.poll(async () => (await left.status())?.tabs).toBe(1)
    await gateway.publish('news', 2 + 2 * round)
    await expect.poll(async () => (await left.payloads('news')).length).toBe(2 + 2 * round)

    await away.page.goBack()
    await expect.poll(async () => (await left.status())?.tabs).toBe(2)
    await gateway.publish('news', 3 + 2 * round)
    const all = Array.from({ length: 3 + 2 * round }, (_, i) => i + 1)
    for (const tab of [away, left]) await expect.poll(() => tab.payloads('news')).toEqual(all)
  }

  expect((await away.log()).gaps).toEqual([])
  expect((await gateway.stats()).opened).toBe(1)
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
