/**
 * Proves that what is queued arrives though nobody has the site open: by the worker that outlives its
 * tabs, by Background Sync in the service worker when that is gone, and once when both are there
 * [P2] [P3] [P4] [P1]. The gateway's log is read in the gateway: no page is needed to see it.
 */
import { type BrowserContext, expect } from '@playwright/test'
import { lineName } from '../protocol/line-name.js'
import { BONDS } from '../scripts/hosts.js'
import { type Background, createBackground, RECORDER } from './support/background.js'
import { test as base } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import { storageIn } from './support/hosts.js'
import type { Network } from './support/network.js'
import type { Tab } from './support/tab.js'

/** The script under test: what it calls is what an app would write. */
const scriptWith = (options: string): string => `
import { deliverInBackground } from '/service-worker.js'
${RECORDER}
deliverInBackground(${options})
`

const SCRIPTS = {
  plain: scriptWith(''),
  hasty: scriptWith('{ limitMs: 1_000 }'),
  fetching: scriptWith('{ auth: "/token" }'),
  signedIn: scriptWith('{ auth: ({ identity }) => "token of " + identity }'),
}

interface Cast {
  readonly script: keyof typeof SCRIPTS
  readonly background: Background
  /** No tab of the site is open, and the browser has noticed. */
  readonly closeAll: (...tabs: Tab[]) => Promise<void>
  /** The broker is gone too, whether it has outlived its tabs or not. */
  readonly endBroker: () => Promise<void>
}

const test = base.extend<Cast>({
  script: ['plain', { option: true }],
  background: async ({ context, site, script }, use) => {
    for (const [name, text] of Object.entries(SCRIPTS)) site.serve(`/background-${name}.js`, text)
    await use(await createBackground(context, site.origin, `/background-${script}.js`))
  },
  closeAll: ({ context, site }, use) =>
    use(async (...tabs) => {
      for (const tab of tabs) await tab.close()
      expect(context.pages().filter((page) => page.url().startsWith(site.origin))).toEqual([])
    }),
  endBroker: ({ background, host }, use) =>
    use(async () => {
      expect(await background.killSharedWorkers()).toBe(host === 'shared-worker' ? 1 : 0)
    }),
})

const counted = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

/** The network is gone, and the browser knows it: no sync fires until it is back. */
async function goOffline(tab: Tab, context: BrowserContext, network: Network): Promise<void> {
  await expect.poll(() => tab.state()).toBe('online')
  network.cut()
  await context.setOffline(true)
  await expect.poll(() => tab.state()).not.toBe('online')
}

async function comeBack(context: BrowserContext, network: Network): Promise<void> {
  network.pass()
  await context.setOffline(false)
}

async function queue(tab: Tab, count: number): Promise<void> {
  let last = ''
  for (const number of counted(count)) last = await tab.publish('news', number)
  await expect.poll(() => tab.delivery(last)).toMatchObject({ stored: 'stored' })
}

/** As above, until the browser knows that there is something to send. */
async function queueForSync(tab: Tab, background: Background, count: number): Promise<void> {
  await queue(tab, count)
  await expect.poll(() => background.tags(tab.page)).toHaveLength(1)
}

async function expectOnce(gateway: Gateway, count: number): Promise<void> {
  // A worker whose last attempt failed long ago waits up to half a minute for the next one.
  const arrived = async (): Promise<number> => (await gateway.read('news')).length
  await expect.poll(arrived, { timeout: 45_000 }).toBe(count)
  const payloads = (await gateway.read('news')).map(({ payload }) => payload)
  expect(payloads).toEqual(counted(count))
}

test('[P2] [P4] what was queued offline arrives by Background Sync, with no tab and no worker', {
  tag: BONDS.disk,
}, async ({ openTab, background, closeAll, endBroker, context, network, gateway }) => {
  const tab = await openTab('A')
  await background.install(tab.page)
  await goOffline(tab, context, network)
  await queueForSync(tab, background, 20)
  await closeAll(tab)
  await endBroker()

  await comeBack(context, network)

  await expectOnce(gateway, 20)
  await expect.poll(async () => (await gateway.stats()).connections).toBe(0)
  const next = await openTab('B')
  await expect.poll(() => next.status()).toMatchObject({ state: 'online', queued: 0 })
  expect(await next.outbox()).toEqual([])
})

const WAYS = [
  { who: 'the worker that outlives its tabs', hasServiceWorker: false, hasWorker: true },
  { who: 'the service worker', hasServiceWorker: true, hasWorker: false },
  { who: 'one of the two', hasServiceWorker: true, hasWorker: true },
]

for (const { who, hasServiceWorker, hasWorker } of WAYS) {
  test(`[P2] [P3] [P4] 500 operations, all tabs closed, the network back after 5 s: sent by ${who}`, {
    tag: [BONDS.disk, ...(hasServiceWorker ? [] : [BONDS.lastingWorker])],
  }, async ({ openTab, background, closeAll, endBroker, context, network, gateway }) => {
    test.setTimeout(90_000)
    const tabs = [await openTab('A'), await openTab('B')] as const
    if (hasServiceWorker) await background.install(tabs[0].page)
    await goOffline(tabs[0], context, network)
    if (hasServiceWorker) await queueForSync(tabs[1], background, 500)
    else await queue(tabs[1], 500)
    await closeAll(...tabs)
    const closedAt = Date.now()
    if (!hasWorker) await endBroker()
    await expect.poll(() => Date.now() - closedAt).toBeGreaterThan(5_000)
    expect(await gateway.read('news')).toEqual([])

    await comeBack(context, network)

    await expectOnce(gateway, 500)
  })
}

test('[P1] a page that opens while the service worker has the line gets it at once', {
  tag: BONDS.disk,
}, async ({ openTab, background, closeAll, endBroker, context, url, network, gateway }) => {
  const tab = await openTab('A')
  await background.install(tab.page)
  await goOffline(tab, context, network)
  await queueForSync(tab, background, 20)
  await closeAll(tab)
  await endBroker()
  // It connects, and never hears an answer: it would hold the line until its time is over.
  const before = network.accepted
  network.pass()
  network.blackhole('down')
  await context.setOffline(false)
  await expect.poll(() => network.accepted).toBeGreaterThan(before)

  const next = await openTab('B')
  await expect
    .poll(() => background.ended())
    .toContainEqual([lineName({ url }), expect.stringContaining('yielded')])
  network.pass()

  await expect.poll(() => next.status()).toMatchObject({ state: 'online', queued: 0 })
  await expectOnce(gateway, 20)
  expect((await gateway.stats()).connections).toBe(1)
})

test('[P13] a sync leaves no database for a line that has none, and foreign tags alone', async ({
  openTab,
  background,
  url,
  host,
}) => {
  const tab = await openTab('A')
  await background.install(tab.page)
  const stranger = lineName({ url, identity: 'nobody' })
  await background.fireSync('photos')
  await background.fireSync(stranger)
  await expect.poll(() => background.ended()).toEqual([[stranger, 'resolved']])
  const names = await tab.page.evaluate(async () =>
    (await indexedDB.databases()).map(({ name }) => name),
  )
  expect(names).toEqual(storageIn(host) === 'disk' ? [lineName({ url })] : [])
})

test('[P13] what was kept at signing out is not sent in the background, under whoever’s cookie', {
  tag: BONDS.disk,
}, async ({ openIdleTab, openTab, background, context, url, network, gateway }) => {
  const tab = await openIdleTab('A')
  await background.install(tab.page)
  await tab.connect({ identity: 'ann' })
  await goOffline(tab, context, network)
  await queueForSync(tab, background, 3)
  expect(await tab.signOut('keep')).toBeUndefined()
  const tag = lineName({ url, identity: 'ann' })

  await comeBack(context, network)

  await expect.poll(() => background.ended()).toEqual([[tag, 'resolved']])
  await openTab('somebody')
  expect(await gateway.read('news')).toEqual([])
  await tab.connect({ identity: 'ann' })
  await expectOnce(gateway, 3)
})

test.describe('a service worker with little time', () => {
  test.use({ script: 'hasty' })

  test('[P2] tells the browser that operations are left, and the next sync sends them', {
    tag: BONDS.disk,
  }, async ({ openTab, background, closeAll, endBroker, context, url, network, gateway }) => {
    const tab = await openTab('A')
    await background.install(tab.page)
    await goOffline(tab, context, network)
    await queueForSync(tab, background, 3)
    await closeAll(tab)
    await endBroker()

    // The browser is online again, and the server is not.
    await context.setOffline(false)
    const tag = lineName({ url })
    const left = [tag, 'Partyline: operations may be left (out-of-time).'] as const
    await expect.poll(() => background.ended()).toEqual([left])

    network.pass()
    await background.fireSync(tag)
    await expectOnce(gateway, 3)
    await expect.poll(() => background.ended()).toEqual([left, [tag, 'resolved']])
  })
})

test.describe('a service worker that can make tokens', () => {
  test.use({ script: 'signedIn' })

  test('[P13] sends for the identity of the line, signed in as it', { tag: BONDS.disk }, async ({
    openIdleTab,
    background,
    closeAll,
    endBroker,
    context,
    network,
    gateway,
  }) => {
    await gateway.accept(['token of ann'])
    const tab = await openIdleTab('A')
    await background.install(tab.page)
    await tab.connect({ identity: 'ann', token: 'token of ann' })
    await goOffline(tab, context, network)
    await queueForSync(tab, background, 3)
    await closeAll(tab)
    await endBroker()

    await comeBack(context, network)

    await expectOnce(gateway, 3)
  })
})

const WITHOUT_TOKENS_OF_THEIR_OWN = [
  { what: 'that fetches its tokens', script: 'fetching', auth: { url: '/token' } },
  { what: 'in whose browser a cookie says it all', script: 'plain', auth: 'absent' },
] as const

for (const { what, script, auth } of WITHOUT_TOKENS_OF_THEIR_OWN) {
  test.describe(`a service worker ${what}`, () => {
    test.use({ script })

    test('[P2] sends what is queued with no tab and no worker', { tag: BONDS.disk }, async ({
      openIdleTab,
      background,
      closeAll,
      endBroker,
      context,
      site,
      network,
      gateway,
    }) => {
      const session = { name: 'session', url: site.origin }
      if (auth === 'absent') await context.addCookies([{ ...session, value: 'good' }])
      site.answer('/token', () => ({ type: 'text/plain', body: 'good' }))
      await gateway.accept(['good'])
      const tab = await openIdleTab('A')
      await background.install(tab.page)
      await tab.connect({ auth })
      await goOffline(tab, context, network)
      await queueForSync(tab, background, 3)
      await closeAll(tab)
      await endBroker()

      await comeBack(context, network)

      await expectOnce(gateway, 3)
    })
  })
}
