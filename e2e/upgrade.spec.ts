/**
 * The upgrade drill: two really different builds of the library, deployed under a new address of the
 * worker and under the same one, in both orders of arrival. At no time are there two sockets [P1],
 * nothing is lost or done twice [P2] [P3] [P4], no event is missed or repeated [P6], and every tab ends
 * online or is told to reload [F8]; so does one whose worker has other options [F9].
 */
import { expect } from '@playwright/test'
import { CONTRACT, RELEASE } from '../protocol/version.js'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import type { WorkerChoices } from './page/tab-api.js'
import { test as base } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import { queryOf } from './support/hosts.js'
import { pageWith, type Site } from './support/site.js'
import type { Tab } from './support/tab.js'
import { type Build, buildVersion } from './support/versions.js'

interface Builds {
  readonly first: Build
  readonly laterRelease: Build
  readonly otherContract: Build
}

/** What a server hands out, under addresses of this test's own. */
interface Deployment {
  readonly page: string
  readonly worker: string
}

const test = base.extend<object, { readonly builds: Builds }>({
  builds: [
    async ({}, use) => {
      const version = { contract: CONTRACT, release: RELEASE }
      const [first, laterRelease, otherContract] = await Promise.all([
        buildVersion(version),
        buildVersion({ ...version, release: RELEASE + 1 }),
        buildVersion({ contract: CONTRACT + 1, release: RELEASE + 1 }),
      ])
      await use({ first, laterRelease, otherContract })
    },
    { scope: 'worker' },
  ],
})

/** An address of the worker that is there already has this script from now on. */
function deploy(site: Site, name: string, build: Build, worker: string): Deployment {
  const pageClient = `/${name}/page-client.js`
  site.serve(pageClient, build.pageClient)
  site.serve(worker, build.worker)
  const page = `/${name}/`
  site.answer(page, () => ({ type: 'text/html', body: pageWith(pageClient) }))
  return { page, worker: `${site.origin}${worker}` }
}

type OpenTab = (name: string, deployment: Deployment) => Promise<Tab>

/** Events and operations that go on all the while. */
function createTraffic(gateway: Gateway) {
  const published: number[] = []
  const sent: { readonly tab: Tab; readonly number: number; readonly key: string }[] = []
  /** Operations of which their senders learn no more: refused, or taken up by another page from the lifeboat. */
  const refused = new Set<number>()
  return {
    async some(...tabs: readonly Tab[]): Promise<void> {
      for (let count = 0; count < 5; count++) {
        published.push(published.length)
        await gateway.publish('news', published.length - 1)
        for (const tab of tabs) {
          const number = sent.length
          sent.push({ tab, number, key: await tab.publish('work', number) })
        }
      }
    },
    /** `since`: how many events there were when it came. */
    async expectEvents(tab: Tab, since = 0): Promise<void> {
      await expect.poll(() => tab.payloads('news')).toEqual(published.slice(since))
      expect((await tab.log()).gaps).toEqual([])
    },
    get events() {
      return published.length
    },
    async expectWork(): Promise<void> {
      const work = async (): Promise<unknown[]> =>
        (await gateway.read('work')).map(({ payload }) => payload)
      const due = sent.map(({ number }) => number).filter((number) => !refused.has(number))
      const missing = async (): Promise<number[]> => {
        const done = await work()
        return due.filter((number) => !done.includes(number))
      }
      await expect.poll(missing).toEqual([])
      const done = await work()
      expect(done).toHaveLength(new Set(done).size)
      for (const tab of new Set(sent.map((one) => one.tab))) {
        const mine = sent.filter((one) => one.tab === tab).map(({ number }) => number)
        const came = mine.filter((number) => done.includes(number))
        expect(done.filter((number) => mine.includes(number as number))).toEqual(came)
      }
    },
    /** What a tab that is to be reloaded has lost sight of: all else is stored, or in its lifeboat. */
    async refusedBy(of: Tab): Promise<void> {
      const boat = await of.lifeboat()
      for (const { tab, number, key } of sent) {
        if (tab !== of || boat.includes(key)) continue
        const stored = (await of.delivery(key))?.stored
        if (stored === 'stored') continue
        expect(stored).toMatchObject({ code: 'contract-mismatch' })
        refused.add(number)
      }
    },
  }
}

async function expectOnline(...tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) {
    await expect
      .poll(tab.status)
      .toMatchObject({ state: 'online', tabs: tabs.length, queued: 0, host: tab.host })
  }
}

const expectSuperseded = (tab: Tab): Promise<void> =>
  expect.poll(tab.status).toMatchObject({ state: 'stopped', cause: 'superseded' })

const ADDRESSES = ['a new address', 'the same address'] as const

for (const address of ADDRESSES) {
  const isNew = address === 'a new address'

  const deployments = (site: Site, first: Build, next: Build, name: string) => {
    const worker = `/${name}/worker.js`
    const before = deploy(site, `${name}-1`, first, worker)
    return {
      before,
      deployNext: () => deploy(site, `${name}-2`, next, isNew ? `/${name}/worker-2.js` : worker),
    }
  }

  test(`[P1] [P4] [P6] [F8] under ${address}, old tabs first: a later release serves all`, async ({
    openIdleTab,
    site,
    gateway,
    network,
    builds,
  }, { testId }) => {
    const { before, deployNext } = deployments(site, builds.first, builds.laterRelease, testId)
    const openTab = opener(openIdleTab)
    const traffic = createTraffic(gateway)
    const [a, b] = [await openTab('a', before), await openTab('b', before)]
    await traffic.some(a, b)
    // What is queued now is sent by whoever has the line then.
    network.cut()
    await expect.poll(a.state).not.toBe('online')
    await traffic.some(a, b)
    const after = deployNext()
    const next = await openIdleTab('next', after.page)
    await next.connect({ worker: after.worker })
    await traffic.some(a, b, next)
    network.pass()
    await next.subscribeOnline('news')
    const since = traffic.events
    await traffic.some(a, b, next)

    await expectOnline(a, b, next)
    for (const tab of [a, b]) await traffic.expectEvents(tab)
    await traffic.expectEvents(next, since)
    await traffic.expectWork()
    expect(await gateway.most()).toBe(1)
  })

  test(`[P1] [P6] [F8] under ${address}, new tabs first: a page from a cache is served`, async ({
    openIdleTab,
    site,
    gateway,
    builds,
  }, { testId }) => {
    const { before, deployNext } = deployments(site, builds.first, builds.laterRelease, testId)
    const openTab = opener(openIdleTab)
    const traffic = createTraffic(gateway)
    const next = await openTab('next', deployNext())
    await traffic.some(next)
    const old = await openTab('old', before)
    const since = traffic.events
    await traffic.some(next, old)

    await expectOnline(next, old)
    await traffic.expectEvents(next)
    await traffic.expectEvents(old, since)
    await traffic.expectWork()
    expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
  })

  test(
    `[P1] [P6] [F8] [F14] under ${address}: a page from the back/forward cache is served`,
    {
      tag: NEEDS.backForwardCache,
    },
    async ({ openIdleTab, site, gateway, builds }, { testId }) => {
      const { before, deployNext } = deployments(site, builds.first, builds.laterRelease, testId)
      const openTab = opener(openIdleTab)
      const traffic = createTraffic(gateway)
      const [stays, away] = [await openTab('stays', before), await openTab('away', before)]
      await traffic.some(stays, away)
      for (const tab of [stays, away]) await traffic.expectEvents(tab)
      await away.page.goto(`${site.origin}/page-client.js`)
      await expect.poll(async () => (await stays.status())?.tabs).toBe(1)
      const next = await openTab('next', deployNext())
      await expectOnline(stays, next)
      const since = traffic.events
      await traffic.some(stays, next)

      await away.page.goBack()
      await expectOnline(stays, away, next)
      await traffic.some(stays, away, next)
      for (const tab of [stays, away]) await traffic.expectEvents(tab)
      await traffic.expectEvents(next, since)
      await traffic.expectWork()
      expect(await gateway.most()).toBe(1)
    },
  )

  test(`[P1] [P2] [P3] [F8] under ${address}, old tabs first: another contract has them reload`, async ({
    openIdleTab,
    site,
    gateway,
    network,
    builds,
  }, { testId }) => {
    const { before, deployNext } = deployments(site, builds.first, builds.otherContract, testId)
    const openTab = opener(openIdleTab)
    const traffic = createTraffic(gateway)
    const [a, b] = [await openTab('a', before), await openTab('b', before)]
    await traffic.some(a, b)
    network.cut()
    await expect.poll(a.state).not.toBe('online')
    await traffic.some(a, b)
    const after = deployNext()
    const next = await openIdleTab('next', after.page)
    await next.connect({ worker: after.worker })
    // Some of it reaches a broker, some nobody any more.
    await traffic.some(a, b)
    await next.subscribe('news')
    network.pass()

    for (const tab of [a, b]) {
      await expectSuperseded(tab)
      await traffic.refusedBy(tab)
    }
    await expectOnline(next)
    // What a tab had handed over goes out; what it had not, when it is reloaded.
    await a.visit(`${site.origin}${after.page}${queryOf(a.host)}`)
    await a.connect({ worker: after.worker })
    await expectOnline(next, a)
    await traffic.expectWork()
    const late = await b.publish('work', 'late')
    await expect
      .poll(() => b.delivery(late))
      .toMatchObject({ stored: { code: 'contract-mismatch' }, done: { code: 'contract-mismatch' } })
    expect(await gateway.most()).toBe(1)
  })

  test(`[P1] [F8] under ${address}, new tabs first: an older contract from a cache reloads`, async ({
    openIdleTab,
    site,
    gateway,
    builds,
  }, { testId }) => {
    const { before, deployNext } = deployments(site, builds.first, builds.otherContract, testId)
    const openTab = opener(openIdleTab)
    const next = await openTab('next', deployNext())
    const old = await openIdleTab('old', before.page)
    await old.connect({ worker: before.worker })

    await expectSuperseded(old)
    await expectOnline(next)
    expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })
  })
}

const opener =
  (openIdleTab: (name: string, path?: string) => Promise<Tab>): OpenTab =>
  async (name, { page, worker }) => {
    const tab = await openIdleTab(name, page)
    await tab.connect({ worker })
    await tab.subscribeOnline('news')
    return tab
  }

test(
  '[P1] [P12] [F8] the last page of a version takes its worker along, and the others go on',
  {
    tag: [NEEDS.seenWorkers, BONDS.twoWorkers],
  },
  async ({ openIdleTab, site, gateway, guest, builds }, { testId }) => {
    const worker = `/${testId}/worker.js`
    const before = deploy(site, `${testId}-1`, builds.first, worker)
    const openTab = opener(openIdleTab)
    const traffic = createTraffic(gateway)
    const old = await openTab('old', before)
    const next = await openTab('next', deploy(site, `${testId}-2`, builds.laterRelease, worker))
    await expectOnline(old, next)
    await traffic.some(old, next)
    await expect.poll(async () => (await guest.workersIn('shared-worker').ids()).length).toBe(2)
    await next.close()
    await traffic.some(old)

    await expectOnline(old)
    await traffic.expectEvents(old)
    await traffic.expectWork()
    expect(await gateway.most()).toBe(1)
  },
)

/** What an app has made its worker with until now, and does from now on. */
const OPTIONS: Readonly<Record<string, readonly [WorkerChoices, WorkerChoices]>> = {
  extendedLifetime: [{ type: 'module' }, { type: 'module', extendedLifetime: true }],
  'extendedLifetime, taken back': [{ type: 'module', extendedLifetime: true }, { type: 'module' }],
  type: [{ type: 'classic' }, { type: 'module' }],
  credentials: [
    { type: 'module', credentials: 'omit' },
    { type: 'module', credentials: 'same-origin' },
  ],
}

for (const [name, [before, after]] of Object.entries(OPTIONS)) {
  test(`[P1] [P6] [F9] whose worker has other options is served at once (${name})`, {
    tag: BONDS.twoWorkers,
  }, async ({ openIdleTab, gateway }) => {
    const traffic = createTraffic(gateway)
    const old = await openIdleTab('old')
    await old.connect({ workerOptions: before })
    await old.subscribeOnline('news')
    await traffic.some(old)
    const next = await openIdleTab('next')
    await next.connect({ workerOptions: after })
    await next.subscribeOnline('news')
    await expectOnline(old, next)
    const since = traffic.events
    await traffic.some(old, next)
    await traffic.expectEvents(next, since)
    expect(await gateway.stats()).toEqual({ connections: 1, opened: 1 })

    // Now its own worker has the line, or that of before lives on without a page.
    await old.close()
    await traffic.some(next)
    await expectOnline(next)
    await traffic.expectEvents(next, since)
    await traffic.expectWork()
    expect(await gateway.most()).toBe(1)
  })
}
