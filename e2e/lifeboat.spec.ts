/** What a page has sent when it goes (P2): in its lifeboat, and with whoever comes next. */
import { expect } from '@playwright/test'
import { lineName } from '../protocol/line-name.js'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'

test.describe('a page that goes in the task in which it has sent', () => {
  for (const isWarm of [true, false]) {
    test(`[P2][F25] loses nothing, with a ${isWarm ? 'warm' : 'cold'} worker`, {
      tag: isWarm ? BONDS.lastingLine : [],
    }, async ({ openIdleTab, gateway, url, host }) => {
      const first = await openIdleTab('A')
      if (isWarm) {
        await first.connect()
        await expect.poll(first.state).toBe('online')
      }
      await first.page.evaluate(
        ([given, isConnected]) => {
          if (!isConnected) window.tab.connect({ url: given })
          for (const n of [1, 2, 3]) window.tab.publish('news', { n })
          location.href = 'about:blank'
        },
        [url, isWarm] as const,
      )
      await expect.poll(first.page.url).toBe('about:blank')
      await first.close()

      const next = await openIdleTab('B')
      await next.connect()
      await next.publish('news', { n: 4 })
      await expect.poll(async () => (await gateway.read('news')).length).toBe(4)
      expect((await gateway.read('news')).map(({ payload }) => payload)).toEqual(
        // A page on its own line asks first whose they are, and does not wait for that.
        (host === 'page' ? [4, 1, 2, 3] : [1, 2, 3, 4]).map((n) => ({ n })),
      )
      await expect.poll(next.lifeboat).toEqual([])
    })
  }

  test('[P2] has it in the lifeboat before the call returns, until it is stored', async ({
    openTab,
  }) => {
    const tab = await openTab('A')
    await expect.poll(tab.state).toBe('online')
    const aboard = await tab.page.evaluate(() => {
      window.tab.publish('news', 1)
      return window.tab.lifeboat().length
    })
    expect(aboard).toBe(1)
    await expect.poll(tab.lifeboat).toEqual([])
  })
})

test('[P2] a page that lives takes up what another has left', async ({
  openTab,
  openIdleTab,
  gateway,
  url,
}) => {
  const living = await openTab('A')
  await expect.poll(living.state).toBe('online')
  const other = await openIdleTab('B')
  // As if its process had died before any worker answered.
  const lane = { key: 'left', lane: 'news', type: 'publish', channel: 'news', payload: '"left"' }
  await other.page.evaluate(
    ([name, operation]) => {
      const item = { operation, at: Date.now(), n: 1 }
      localStorage.setItem(`${name}:boat:left`, JSON.stringify(item))
    },
    [lineName({ url }), lane] as const,
  )
  await expect.poll(() => gateway.read('news')).toMatchObject([{ payload: 'left' }])
  await expect.poll(living.lifeboat).toEqual([])
})

test('[P5] a send ends as its options say, in the tab that sent it and in every other', {
  tag: BONDS.sharedLine,
}, async ({ openTab, gateway, network }) => {
  const [one, two] = [await openTab('A'), await openTab('B')]
  await expect.poll(one.state).toBe('online')
  network.cut()
  // Until the worker has noticed, it sends.
  await expect.poll(one.state).not.toBe('online')
  const withdrawn = await one.publish('news', 1, { abortAfterMs: 50 })
  const never = await one.publish('news', 2, { abortAfterMs: 0 })
  const late = await one.publish('news', 3, { ttl: 300 })
  const twice = [
    await one.publish('news', 4, { key: 'once', priority: 2, lane: 'own' }),
    await two.publish('news', 4, { key: 'once' }),
  ]
  const codeOf = async (key: string) => (await one.delivery(key))?.done
  await expect.poll(() => codeOf(withdrawn)).toMatchObject({ code: 'discarded' })
  await expect.poll(() => codeOf(never)).toMatchObject({ code: 'discarded' })
  await expect.poll(() => codeOf(late)).toMatchObject({ code: 'expired' })
  await expect
    .poll(async () => (await two.outbox()).map(({ key }) => key).sort())
    .toEqual([late, 'once'].sort())
  expect(twice).toEqual(['once', 'once'])
  expect(await one.sendBadly({ ttl: 0 })).toMatchObject({ details: { option: 'ttl' } })
  network.pass()
  for (const tab of [one, two]) {
    await expect.poll(async () => (await tab.delivery('once'))?.done).toHaveProperty('result')
  }
  expect((await gateway.read('news')).map(({ payload }) => payload)).toEqual([4])
  expect(await two.discard(late)).toBe(true)
  await expect.poll(one.outbox).toEqual([])
})

test('[P13][F24] signing out ends the line in every tab', async ({ openTab, gateway }) => {
  const [one, two] = [await openTab('A'), await openTab('B')]
  for (const tab of [one, two]) await expect.poll(tab.state).toBe('online')
  expect(await one.signOut('discard')).toBeUndefined()
  for (const tab of [one, two]) {
    await expect.poll(tab.status).toMatchObject({ state: 'stopped', cause: 'auth' })
    expect(await tab.sendBadly({})).toMatchObject({ code: 'signed-out' })
  }
  await expect.poll(async () => (await gateway.stats()).connections).toBe(0)
  expect(await one.connect()).toBeUndefined()
  await expect.poll(one.state).toBe('online')
})
