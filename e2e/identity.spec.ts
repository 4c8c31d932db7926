/** Whose data it is [P13], in a real browser: two users, two apps, signing out and in again. */
import { expect } from '@playwright/test'
import { test } from './support/fixtures.js'
import { linesOf, storedIn } from './support/hosts.js'

test('[P13] [F17] two users and two apps on one origin have a line each, and nothing in common', async ({
  openIdleTab,
  url,
  network,
  gateway,
}) => {
  const [ann, bob, other] = [
    await openIdleTab('Ann'),
    await openIdleTab('Bob'),
    await openIdleTab('another app'),
  ]
  network.cut()
  await ann.connect({ identity: 'ann' })
  await bob.connect({ identity: 'bob' })
  await other.connect({ url: `${url}?app=2` })
  for (const tab of [ann, bob, other]) {
    const key = await tab.publish('news', tab.name)
    await expect.poll(() => tab.delivery(key)).toMatchObject({ stored: storedIn(tab.host) })
    await expect.poll(() => tab.status()).toMatchObject({ tabs: 1, queued: 1 })
    expect((await tab.outbox()).map(({ payload }) => payload)).toEqual([JSON.stringify(tab.name)])
  }
  network.pass()
  for (const tab of [ann, bob, other]) {
    await tab.hurry()
    await expect.poll(() => tab.status()).toMatchObject({ state: 'online', queued: 0 })
  }
  await expect.poll(() => network.connections).toBe(3)
  const arrived = (await gateway.read('news')).map(({ payload }) => payload)
  expect(arrived.sort()).toEqual(['Ann', 'Bob', 'another app'])
})

test('[P1] [P13] [F24] signing out ends the line in every tab; the next user’s socket opens after the old one closed', async ({
  openIdleTab,
  network,
  gateway,
}) => {
  const tabs = [await openIdleTab('A'), await openIdleTab('B')] as const
  for (const tab of tabs) {
    await tab.connect({ identity: 'ann' })
    await expect.poll(() => tab.state()).toBe('online')
  }
  const lines = linesOf(tabs).length
  const open: number[] = []
  const watch = setInterval(() => open.push(network.connections), 5)
  const left = tabs[0].signOut('discard')
  await tabs[0].connect({ identity: 'bob' })
  expect(await left).toBeUndefined()
  await expect.poll(() => tabs[0].state()).toBe('online')
  clearInterval(watch)
  expect(Math.max(...open)).toBe(lines)
  expect((await gateway.stats()).opened).toBe(lines + 1)
  await expect.poll(() => tabs[1].status()).toMatchObject({ state: 'stopped', cause: 'auth' })

  // The other tab, whose page has not noticed who is there now, cannot say a word for either.
  await expect(tabs[1].publish('news', 'late')).rejects.toThrow('signed out')
  await tabs[0].publish('news', 'of bob')
  await expect.poll(async () => (await gateway.read('news')).length).toBe(1)
})

test('[P2] [P13] what is kept at signing out is sent when the same user comes back, by nobody else', async ({
  openIdleTab,
  network,
  gateway,
}) => {
  const tab = await openIdleTab('A')
  network.cut()
  await tab.connect({ identity: 'ann' })
  const key = await tab.publish('news', 'of ann')
  await expect.poll(() => tab.delivery(key)).toMatchObject({ stored: storedIn(tab.host) })
  expect(await tab.signOut('keep')).toBeUndefined()
  expect(await tab.delivery(key)).toMatchObject({ done: { code: 'signed-out' } })
  network.pass()

  await tab.connect({ identity: 'bob' })
  await expect.poll(() => tab.status()).toMatchObject({ state: 'online', queued: 0 })
  await tab.publish('news', 'of bob')
  await expect.poll(async () => (await gateway.read('news')).length).toBe(1)
  expect(await tab.signOut('discard')).toBeUndefined()

  await tab.connect({ identity: 'ann' })
  await expect.poll(() => tab.status()).toMatchObject({ state: 'online', queued: 0 })
  const arrived = async () => (await gateway.read('news')).map(({ payload }) => payload)
  await expect.poll(arrived).toEqual(['of bob', 'of ann'])
})
