/** Proves that what is stored outlives its process: the browser's [P2] [F25] and the gateway's. */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'
import { cursorOnDisk } from './support/on-disk.js'
import { reconnect } from './support/traffic.js'

test('[P2] [F25] what was published offline arrives once after a kill -9 of the whole browser', {
  tag: [NEEDS.keptProfile, BONDS.disk],
}, async ({ profile, gateway, network }) => {
  await profile.launch()
  const before = await profile.openTab('A')
  await before.connect()
  await expect.poll(() => before.state()).toBe('online')
  network.cut()
  await expect.poll(() => before.state()).not.toBe('online')
  const keys: string[] = []
  for (const number of [1, 2, 3]) keys.push(await before.publish('news', number))
  for (const key of keys) {
    await expect.poll(() => before.delivery(key)).toMatchObject({ stored: 'stored' })
  }

  await profile.kill()
  network.pass()
  await profile.launch()
  const after = await profile.openTab('A again')
  await after.connect()

  await expect.poll(() => after.status()).toMatchObject({ state: 'online', queued: 0 })
  const log = await gateway.read('news')
  expect(log.map(({ payload }) => payload)).toEqual([1, 2, 3])
})

test('[P7] a browser that was killed asks for what it missed since the last event on its disk', {
  tag: [NEEDS.keptProfile, BONDS.disk],
}, async ({ profile, gateway }) => {
  await profile.launch()
  const before = await profile.openTab('A')
  await before.connect()
  await before.subscribeOnline('news')
  await expect.poll(() => before.state()).toBe('online')
  const seen = await gateway.publish('news', 'seen')
  await expect.poll(() => before.payloads('news')).toEqual(['seen'])
  await expect.poll(() => cursorOnDisk(before.page, 'news')).toBe(seen)

  await profile.kill()
  await gateway.publish('news', 'missed')
  await profile.launch()
  const after = await profile.openTab('A again')
  await after.connect()
  await after.subscribe('news', 'last')

  await expect.poll(() => after.payloads('news')).toContain('missed')
  await gateway.publish('news', 'new')
  await expect.poll(() => after.payloads('news')).toEqual(expect.arrayContaining(['missed', 'new']))
  expect((await after.log()).gaps).toEqual([])
})

test('[P3] [P6] kill -9 of the gateway loses no acknowledged event and repeats none', async ({
  openTab,
  gateway,
}) => {
  const tabs = [await openTab('A'), await openTab('B')]
  for (const tab of tabs) await tab.subscribeOnline('news')
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
  const [writer] = tabs as [(typeof tabs)[0]]
  const keys: string[] = []

  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 20; count++) {
      keys.push(await writer.publish('news', keys.length))
    }
    // In the middle of it: some are acknowledged, some are not.
    await gateway.kill()
    await gateway.start()
    await reconnect(tabs)
  }

  const sent = keys.map((_, index) => index)
  for (const key of keys) {
    await expect.poll(() => writer.delivery(key)).toMatchObject({ done: { result: {} } })
  }
  expect((await gateway.read('news')).map(({ payload }) => payload)).toEqual(sent)
  for (const tab of tabs) {
    await expect.poll(() => tab.payloads('news')).toEqual(sent)
    expect((await tab.log()).gaps).toEqual([])
  }
})

test('[P6] a gateway that is stopped in order ends well, and is missed by nobody', async ({
  openTab,
  gateway,
}) => {
  const tab = await openTab('A')
  await tab.subscribeOnline('news')
  await gateway.publish('news', 'before')
  expect(await gateway.stop()).toBe(0)
  await expect.poll(() => tab.state()).toBe('reconnecting')
  await gateway.start()
  await gateway.publish('news', 'after')
  await tab.reconnect()
  await expect.poll(() => tab.payloads('news')).toEqual(['before', 'after'])
})
