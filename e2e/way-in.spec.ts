/** What comes in beside live events: late tabs, snapshots, requests, signals, presence. */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'
import { cursorOnDisk } from './support/on-disk.js'
import { openPage, type Tab } from './support/tab.js'

async function online(openTab: (name: string) => Promise<Tab>, ...names: string[]): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (const name of names) tabs.push(await openTab(name))
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
  return tabs
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('[P7] a browser that was closed gets exactly what it missed, in order', {
  tag: [BONDS.disk, NEEDS.keptProfile],
}, async ({ profile, gateway }) => {
  await profile.launch()
  const before = await profile.openTab('A')
  await before.connect()
  await before.subscribeOnline('news')
  const seen = await gateway.publish('news', 0)
  await expect.poll(() => before.payloads('news')).toEqual([0])
  await expect.poll(() => cursorOnDisk(before.page, 'news')).toBe(seen)
  await profile.kill()

  for (const n of numbers(1, 200)) await gateway.publish('news', n)

  await profile.launch()
  const after = await profile.openTab('A again')
  await after.connect()
  await after.subscribe('news', 'last')
  await expect.poll(() => after.payloads('news')).toHaveLength(200)
  expect(await after.payloads('news')).toEqual(numbers(1, 200))
  expect((await after.log()).gaps).toEqual([])
})

test('[P6] a late tab that begins before the recent events catches up alone, without a gap', async ({
  openTab,
  gateway,
}) => {
  const [steady] = (await online(openTab, 'A')) as [Tab]
  await steady.subscribeOnline('news')
  const first = await gateway.publish('news', 1)
  for (const n of numbers(2, 3_000)) await gateway.publish('news', n)
  await expect.poll(async () => (await steady.payloads('news')).length).toBe(3_000)

  const [late] = (await online(openTab, 'B')) as [Tab]
  await late.subscribe('news', { after: first })
  await expect.poll(async () => (await late.payloads('news')).length).toBe(2_999)
  await gateway.publish('news', 3_001)
  for (const tab of [steady, late]) {
    await expect.poll(async () => (await tab.payloads('news')).at(-1)).toBe(3_001)
    expect((await tab.log()).gaps).toEqual([])
  }
  expect(await late.payloads('news')).toEqual(numbers(2, 3_001))
  expect(await steady.payloads('news')).toEqual(numbers(1, 3_001))
})

test('[P6] a snapshot begins a subscription, and what comes after it follows once and in order', async ({
  openTab,
  gateway,
}) => {
  const ids: string[] = []
  for (const n of numbers(1, 5)) ids.push(await gateway.publish('board', n))
  const [tab] = (await online(openTab, 'A')) as [Tab]
  const at = ids[2] ?? ''
  await tab.subscribe('board', 'now', ['fails', { state: [1, 2, 3], at }])
  await expect
    .poll(async () => (await tab.stories('board'))[0]?.chapters.length, { timeout: 20_000 })
    .toBe(3)
  await gateway.publish('board', 6)
  await expect.poll(() => tab.payloads('board')).toEqual([4, 5, 6])
  const [story] = await tab.stories('board')
  expect(story?.chapters[0]).toEqual({ kind: 'snapshot', state: [1, 2, 3] })
  expect((await tab.log()).gaps).toEqual([])
})

test.describe('requests', () => {
  test('[P12] are answered to the tab that asked, or with why not', async ({ openTab }) => {
    const [a, b] = (await online(openTab, 'A', 'B')) as [Tab, Tab]
    const [four, six] = await Promise.all([a.request('double', 2), b.request('double', 3)])
    expect([four, six]).toEqual([{ result: 4 }, { result: 6 }])
    expect(await a.request('forbidden')).toMatchObject({
      error: { code: 'failed', details: { reason: 'forbidden', why: 'nobody may ask' } },
    })
    expect(await a.request('nothing')).toMatchObject({
      error: { details: { reason: 'unknown-type' } },
    })
    expect(await a.request('slow', 1, { timeout: 200 })).toMatchObject({
      error: { code: 'timeout' },
    })
    expect(await a.request('slow', 1, { abortAfterMs: 50 })).toMatchObject({
      error: { code: 'aborted' },
    })
  })

  test('[P12] fail at once while the line is down, and never hang when it breaks', async ({
    openTab,
    network,
  }) => {
    const [tab] = (await online(openTab, 'A')) as [Tab]
    const interrupted = tab.request('slow', 1, { timeout: 30_000 })
    await tab.request('double', 1)
    network.cut()
    expect(await interrupted).toMatchObject({ error: { code: 'interrupted' } })
    await expect.poll(() => tab.state()).not.toBe('online')
    expect(await tab.request('double', 1)).toMatchObject({ error: { code: 'offline' } })
    network.pass()
    await tab.reconnect()
    await expect.poll(() => tab.state()).toBe('online')
    expect(await tab.request('double', 1)).toEqual({ result: 2 })
  })
})

test.describe('two browsers in one channel', () => {
  test('hear each other’s signals, and nobody their own', async ({
    openTab,
    openGuest,
    site,
    url,
    host,
  }) => {
    const [a, b] = (await online(openTab, 'A', 'B')) as [Tab, Tab]
    const other = await openGuest()
    const far = await openPage(other, 'C', { origin: site.origin, url, host })
    await far.connect()
    await expect.poll(() => far.state()).toBe('online')
    for (const tab of [a, b, far]) await tab.page.evaluate(() => window.tab.listen('board'))
    await expect
      .poll(async () => {
        await a.signal('board', 'typing')
        return (await far.signals('board')).length
      })
      .toBeGreaterThan(0)
    expect((await b.signals('board')).length).toBeGreaterThan(0)
    expect(await a.signals('board')).toEqual([])
    await other.close()
  })

  test('[P12] see who is there, and no ghosts after a gateway that was killed', async ({
    openTab,
    openGuest,
    site,
    url,
    host,
    gateway,
  }) => {
    const [a] = (await online(openTab, 'A')) as [Tab]
    const other = await openGuest()
    const far = await openPage(other, 'B', { origin: site.origin, url, host })
    await far.connect()
    await expect.poll(() => far.state()).toBe('online')
    for (const tab of [a, far]) {
      await tab.watch('board')
      await tab.show('board', { name: tab.name })
    }
    const names = async (tab: Tab): Promise<unknown[]> =>
      (await tab.members('board')).map(({ state }) => (state as { name: string }).name).sort()
    for (const tab of [a, far]) await expect.poll(() => names(tab)).toEqual(['A', 'B'])
    expect((await a.members('board')).filter(({ isSelf }) => isSelf)).toMatchObject([
      { state: { name: 'A' } },
    ])

    await gateway.kill()
    await other.close()
    await gateway.start()
    await a.reconnect()
    await expect.poll(() => a.state()).toBe('online')
    await expect.poll(() => names(a)).toEqual(['A'])
  })
})

test('[P6] a thousand channels are resumed in one round trip over a slow line', async ({
  openTab,
  network,
  gateway,
}) => {
  test.setTimeout(120_000)
  const [tab] = (await online(openTab, 'A')) as [Tab]
  await tab.page.evaluate(() => {
    for (let i = 0; i < 1_000; i++) window.tab.subscribe(`channel ${i}`)
  })
  await expect.poll(() => tab.position('channel 999')).toBeDefined()
  network.cut()
  for (const n of [0, 500, 999]) await gateway.publish(`channel ${n}`, n)
  network.pass()
  network.delay(50)
  await tab.reconnect()
  await expect.poll(async () => (await tab.log()).events.length).toBe(3)
  const { statuses, events } = await tab.log()
  const last = statuses.filter(({ status }) => status.state === 'connecting').at(-1)?.at ?? 0
  const done = Math.max(...events.map(({ at }) => at))
  console.log(`1,000 channels resumed ${Math.round(done - last)} ms after the attempt began`)
  expect((await tab.log()).gaps).toEqual([])
})
