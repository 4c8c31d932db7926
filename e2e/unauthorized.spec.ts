/** Proves that a refused token stops the attempts, and that a new one brings the line back. */
import { expect } from '@playwright/test'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'
import { linesOf, storedIn } from './support/hosts.js'
import { reconnect } from './support/traffic.js'

test('[F43] 4001 ends the attempts, and a new token brings the line back', async ({
  openIdleTab,
  gateway,
  network,
}) => {
  await gateway.accept(['good'])
  const tabs = [await openIdleTab('A'), await openIdleTab('B')]
  for (const tab of tabs) await tab.connect({ token: 'stale' })
  for (const tab of tabs) {
    await expect.poll(() => tab.status()).toMatchObject({ state: 'unauthorized', cause: 'auth' })
  }
  const attempts = network.accepted

  // Time passes on the server's side of the line: a round trip of another browser's length.
  const other = await openIdleTab('C')
  await other.connect({ identity: 'another', token: 'good' })
  await expect.poll(() => other.state()).toBe('online')
  expect(network.accepted).toBe(attempts + 1)

  for (const tab of tabs) await tab.setToken('good')
  await reconnect(tabs.toReversed())
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
  expect(network.accepted).toBe(attempts + 1 + linesOf(tabs).length)
})

test('[P2] what was queued while unauthorized is sent once the token is good', async ({
  openIdleTab,
  gateway,
}) => {
  await gateway.accept(['good'])
  const tab = await openIdleTab('A')
  await tab.connect({ token: 'stale' })
  await expect.poll(() => tab.state()).toBe('unauthorized')
  const key = await tab.publish('news', 'waiting')
  await expect
    .poll(() => tab.delivery(key))
    .toMatchObject({ stored: storedIn(tab.host), done: 'pending' })

  await tab.setToken('good')
  await tab.reconnect()

  await expect.poll(() => tab.delivery(key)).toMatchObject({ done: { result: {} } })
  expect((await gateway.read('news')).map(({ payload }) => payload)).toEqual(['waiting'])
})

test('a token that the server withdraws is asked for again, from one tab only', {
  tag: BONDS.sharedLine,
}, async ({ openIdleTab, gateway }) => {
  await gateway.accept(['first', 'second'])
  const tabs = [await openIdleTab('A'), await openIdleTab('B'), await openIdleTab('C')]
  for (const tab of tabs) await tab.connect({ token: 'first' })
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
  for (const tab of tabs) await tab.setToken('second')
  const asked = async (): Promise<number> => {
    const logs = await Promise.all(tabs.map((tab) => tab.log()))
    return logs.reduce((sum, { tokensAsked }) => sum + tokensAsked, 0)
  }
  const before = await asked()

  await gateway.kill()
  await gateway.accept(['second'])
  await gateway.start()
  await tabs[0]?.reconnect()

  for (const tab of tabs) {
    await expect.poll(() => tab.state()).toBe('online')
  }
  expect(await asked()).toBeLessThanOrEqual(before + 2)
})
