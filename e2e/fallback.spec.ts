/**
 * Proves that a line needs no SharedWorker [P1] [P12]: one tab leads, another follows it, and a
 * SharedWorker that fails or is late neither splits the line nor ends it [F5] [F6] [F13].
 */
import { expect } from '@playwright/test'
import type { ErrorInfo } from '../protocol/errors.js'
import { NEEDS } from '../scripts/engines.js'
import type { Browser } from './drivers/driver.js'
import { test as base } from './support/fixtures.js'
import { serveLateWorker } from './support/late-worker.js'
import { openPage, type Tab } from './support/tab.js'

const test = base.extend<{ readonly openTabs: (...names: string[]) => Promise<readonly Tab[]> }>({
  openTabs: ({ openTab }, use) =>
    use(async (...names) => {
      const tabs: Tab[] = []
      for (const name of names) {
        const tab = await openTab(name)
        await tab.subscribeOnline('news')
        tabs.push(tab)
      }
      return tabs
    }),
})

async function leaders(tabs: readonly Tab[]): Promise<readonly string[]> {
  const leading = await Promise.all(tabs.map((tab) => tab.leads()))
  return tabs.filter((_, index) => leading[index]).map(({ name }) => name)
}

/** A driven browser shows every tab; this is what a page sees when nobody sees it. */
async function show(tab: Tab, isVisible: boolean): Promise<void> {
  await tab.page.evaluate((isShown) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => !isShown })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isVisible)
}

const counted = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

test.describe('a browser without SharedWorker (its own host)', () => {
  test.use({ host: 'leader-tab' })

  test('[P1] has one leader and one socket for five tabs', async ({ openTabs, gateway }) => {
    const tabs = await openTabs('A', 'B', 'C', 'D', 'E')
    for (const tab of tabs) {
      await expect
        .poll(tab.status)
        .toMatchObject({ state: 'online', tabs: 5, host: 'leader-tab', storage: 'disk' })
    }
    expect(await leaders(tabs)).toEqual(['A'])
    expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
  })

  for (const [how, end, needs] of [
    ['is closed', (tab: Tab) => tab.close(), []],
    ['crashes', (tab: Tab) => tab.crash(), [NEEDS.killedTab]],
  ] as const) {
    test(`[P6] [P12] [F12] a leader that ${how} while 500 events flow leaves no hole and no repeat`, {
      tag: [...needs],
    }, async ({ openTabs, gateway }) => {
      const [leader, ...others] = (await openTabs('A', 'B', 'C')) as [Tab, ...Tab[]]
      for (const number of counted(500)) {
        await gateway.publish('news', number)
        if (number === 250) await end(leader)
      }
      for (const tab of others) {
        await expect.poll(() => tab.payloads('news')).toEqual(counted(500))
        expect((await tab.log()).gaps).toEqual([])
        expect((await tab.log()).errors).toEqual([])
      }
      expect(await leaders(others)).toHaveLength(1)
      expect((await gateway.stats()).connections).toBe(1)
    })
  }

  test('[P2] [P12] what a follower has sent arrives once, though its leader crashed', {
    tag: NEEDS.killedTab,
  }, async ({ openTabs, gateway }) => {
    const [leader, follower] = (await openTabs('A', 'B')) as [Tab, Tab]
    const keys: string[] = []
    for (const number of counted(100)) {
      keys.push(await follower.publish('orders', number))
      if (number === 50) await leader.crash()
    }
    const key = keys.at(-1) as string
    await expect.poll(() => follower.delivery(key)).toMatchObject({ stored: 'stored' })
    await expect
      .poll(async () => (await gateway.read('orders')).map(({ payload }) => payload))
      .toEqual(counted(100))
  })

  test('[F13] [F45] a leader that nobody sees makes room for a tab that stays visible', async ({
    openTabs,
    gateway,
  }) => {
    const tabs = (await openTabs('A', 'B', 'C')) as [Tab, Tab, Tab]
    const [leader, hidden, seen] = tabs
    await show(hidden, false)
    await show(leader, false)
    await expect.poll(() => leaders(tabs)).toEqual(['C'])
    await gateway.publish('news', 1)
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual([1])
    expect((await seen.status())?.host).toBe('leader-tab')
    expect((await gateway.stats()).connections).toBe(1)
  })

  test('[P1] [P12] [S172] a leader whose lock was taken from it makes room, and follows', async ({
    openTabs,
    gateway,
  }) => {
    const tabs = (await openTabs('A', 'B', 'C')) as [Tab, Tab, Tab]
    // As a tab does that takes the leader for a host that hangs.
    await tabs[2].page.evaluate(async () => {
      const { held = [] } = await navigator.locks.query()
      const { name = '' } = held.find((lock) => lock.name?.endsWith(':leader')) ?? {}
      await navigator.locks.request(name, { steal: true }, () => {})
    })
    await expect.poll(() => leaders(tabs)).toEqual(['B'])
    await gateway.publish('news', 1)
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual([1])
    for (const tab of tabs) await expect.poll(tab.status).toMatchObject({ tabs: 3 })
    expect((await gateway.stats()).connections).toBe(1)
  })

  test('[P6] [F14] a leader in the back/forward cache is followed, and follows when it is back', {
    tag: NEEDS.backForwardCache,
  }, async ({ openTabs, gateway, site }) => {
    const [away, left] = (await openTabs('A', 'B')) as [Tab, Tab]
    await away.page.goto(`${site.origin}/page-client.js`)
    await expect.poll(() => leaders([left])).toEqual(['B'])
    await expect.poll(async () => (await left.status())?.tabs).toBe(1)
    await gateway.publish('news', 1)
    await expect.poll(() => left.payloads('news')).toEqual([1])
    await away.page.goBack()
    await expect.poll(async () => (await left.status())?.tabs).toBe(2)
    await gateway.publish('news', 2)
    // A page that was loaded anew would have no log.
    for (const tab of [away, left]) await expect.poll(() => tab.payloads('news')).toEqual([1, 2])
    expect(await leaders([away, left])).toEqual(['B'])
    expect((await gateway.stats()).connections).toBe(1)
  })
})

test.describe('a browser without locks too (its own host)', () => {
  test.use({ host: 'page' })

  test('has a line a page, and says so; what is sent arrives once all the same', async ({
    openTabs,
    gateway,
  }) => {
    const tabs = await openTabs('A', 'B')
    for (const tab of tabs) {
      const status = { state: 'online', tabs: 1, host: 'page', storage: 'memory' }
      await expect.poll(tab.status).toMatchObject(status)
    }
    expect((await gateway.stats()).connections).toBe(2)
    const [first] = tabs as [Tab]
    const key = await first.publish('news', 1)
    const delivery = { stored: { code: 'no-storage' }, done: { result: {} } }
    await expect.poll(() => first.delivery(key)).toMatchObject(delivery)
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual([1])
    await expect.poll(first.lifeboat).toEqual([])
  })

  test('[P12] [G115] a page whose worker says nothing has another one', async ({
    openIdleTab,
    site,
    gateway,
  }) => {
    let started = 0
    site.answer('/mute-worker.js', () => ({
      ...site.file('/worker.js'),
      headers: { 'cache-control': 'no-store' },
      ...(!started++ && { body: '' }),
    }))
    const tab = await openIdleTab('A')
    await tab.connect({ worker: '/mute-worker.js' })
    await expect.poll(tab.state).toBe('online')
    expect((await tab.log()).errors).toEqual([])
    expect(await tab.leads()).toBe(true)
    expect(started).toBe(2)
    expect((await gateway.stats()).opened).toBe(1)
  })

  test('[P2] [P3] hands over what a page has left, and leaves to a page what is its own', {
    tag: NEEDS.killedTab,
  }, async ({ openTabs, openTab, gateway, network }) => {
    const [gone, left] = (await openTabs('A', 'B')) as [Tab, Tab]
    network.cut()
    for (const tab of [gone, left]) await expect.poll(tab.state).not.toBe('online')
    await gone.publish('news', 'gone')
    await left.publish('news', 'left')
    await expect.poll(async () => (await left.lifeboat()).length).toBe(2)
    await gone.crash()
    const next = await openTab('C')
    network.pass()
    for (const tab of [left, next]) await tab.reconnect()
    await expect.poll(left.lifeboat, { timeout: 30_000 }).toEqual([])
    const arrived = (await gateway.read('news')).map(({ payload }) => payload)
    expect(arrived.sort()).toEqual(['gone', 'left'])
  })
})

test.describe('a SharedWorker that does not work (its own host)', () => {
  const causes = async (tab: Tab): Promise<readonly ErrorInfo[]> => (await tab.log()).errors

  async function opened(guest: Browser, origin: string, url: string): Promise<Tab> {
    return openPage(guest, 'A', { origin, url })
  }

  for (const [how, reply] of [
    ['is not there', { status: 404, type: 'text/plain', body: 'not here' }],
    ['does not parse', { type: 'text/javascript', body: 'this is not JavaScript' }],
  ] as const) {
    test(`[F6] because its script ${how}: a leader tab takes over, and says why`, async ({
      guest,
      site,
      url,
      gateway,
    }) => {
      const path = `/failing-worker-${'status' in reply}.js`
      site.answer(path, (destination) =>
        destination === 'sharedworker' ? reply : site.file('/worker.js'),
      )
      const tab = await opened(guest, site.origin, url)
      await tab.connect({ worker: path })
      await expect.poll(tab.status).toMatchObject({ state: 'online', host: 'leader-tab' })
      expect(await causes(tab)).toMatchObject([
        { code: 'no-shared-worker', details: { why: 'failed', host: 'leader-tab' } },
      ])
      expect((await gateway.stats()).opened).toBe(1)
    })
  }

  test('[F6] because the CSP forbids every worker: the line stops, and says why', async ({
    guest,
    site,
    url,
  }) => {
    site.answer('/strict/', () => ({
      ...site.file('/'),
      headers: { 'content-security-policy': "worker-src 'none'" },
    }))
    const tab = await opened(guest, `${site.origin}/strict`, url)
    await tab.connect()
    await expect
      .poll(tab.status)
      .toMatchObject({ state: 'stopped', error: { code: 'worker-unreachable' } })
    const told = await causes(tab)
    expect(told.map(({ code }) => code)).toEqual(['no-shared-worker', 'worker-unreachable'])
  })

  test('[P1] [P6] [F5] because it is late: it gets the line when it has come, and every tab with it', async ({
    guest,
    site,
    url,
    gateway,
  }) => {
    const { path, arrive } = serveLateWorker(site)
    const tab = await opened(guest, site.origin, url)
    await tab.connect({ worker: path })
    await tab.subscribe('news')
    const fallenBack = { state: 'online', host: 'leader-tab' }
    await expect.poll(tab.status, { timeout: 30_000 }).toMatchObject(fallenBack)
    await expect.poll(() => tab.position('news')).toBeDefined()
    await gateway.publish('news', 1)
    await expect.poll(() => tab.payloads('news')).toEqual([1])

    arrive()
    await expect.poll(tab.status).toMatchObject({ state: 'online', host: 'shared-worker' })
    expect(await tab.leads()).toBe(false)
    const next = await opened(guest, site.origin, url)
    await next.connect({ worker: path })
    await next.subscribeOnline('news')
    await gateway.publish('news', 2)
    await expect.poll(() => tab.payloads('news')).toEqual([1, 2])
    await expect.poll(() => next.payloads('news')).toEqual([2])
    expect((await gateway.stats()).connections).toBe(1)
    expect(await causes(tab)).toMatchObject([
      { code: 'no-shared-worker', details: { why: 'silent' } },
    ])
  })
})
