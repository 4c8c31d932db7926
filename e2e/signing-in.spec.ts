/**
 * Proves how a line comes by its tokens: replaced on the connection that there is, asked of the next tab
 * when one is silent, fetched by the worker when no tab lives, or not needed at all with cookies; and that
 * none of them is left anywhere.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import type { Page } from './drivers/driver.js'
import { test } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'

/** The tokens that the gateway has been shown, oldest first, each once in a row. */
async function shown(gateway: Gateway): Promise<readonly (string | undefined)[]> {
  const tokens = (await gateway.sightings()).map(({ token }) => token)
  return tokens.filter((token, at) => at === 0 || token !== tokens[at - 1])
}

test('a token is replaced before it ends, on the one connection that there is', async ({
  openIdleTab,
  gateway,
  network,
}) => {
  await gateway.accept(['first', 'second'])
  await gateway.endTokens({ first: 4_000 })
  const tab = await openIdleTab('A')
  await tab.connect({ token: ['first', 'second'] })
  await expect.poll(tab.state).toBe('online')
  const end = Date.now() + 4_000
  await tab.subscribeOnline('news')
  const key = await tab.publish('news', 'before')

  await expect.poll(() => shown(gateway)).toEqual(['first', 'second'])
  await expect.poll(() => Date.now()).toBeGreaterThan(end)

  const late = await tab.publish('news', 'after')
  for (const one of [key, late]) {
    await expect.poll(() => tab.delivery(one)).toMatchObject({ done: { result: {} } })
  }
  await expect.poll(() => tab.payloads('news')).toEqual(['before', 'after'])
  expect(network.accepted).toBe(1)
  expect((await gateway.stats()).opened).toBe(1)
  const states = (await tab.log()).statuses.map(({ status }) => status.state)
  expect(states.slice(states.indexOf('online'))).not.toContain('reconnecting')
})

test('[P12] a tab whose `auth` never answers leaves the question to the next one', {
  tag: BONDS.sharedLine,
}, async ({ openIdleTab, gateway, network }) => {
  await gateway.accept(['good'])
  network.cut()
  const other = await openIdleTab('A')
  await other.connect({ token: 'good' })
  const hung = await openIdleTab('B')
  await hung.connect({ auth: 'silent' })
  await expect.poll(hung.status).toMatchObject({ tabs: 2 })
  expect((await other.log()).tokensAsked).toBe(0)

  network.pass()
  await other.hurry()

  for (const tab of [hung, other]) await expect.poll(tab.state).toBe('online')
  for (const tab of [hung, other]) expect((await tab.log()).tokensAsked).toBe(1)
  expect((await gateway.stats()).opened).toBe(1)
})

test('[F43] 4001 is answered with one fresh token, which is asked for once', async ({
  openIdleTab,
  gateway,
  network,
}) => {
  await gateway.accept(['good'])
  const tab = await openIdleTab('A')
  await tab.connect({ token: ['stale', 'good', 'too many'] })
  await expect.poll(tab.state).toBe('online')
  expect(await shown(gateway)).toEqual(['stale', 'good'])
  expect((await tab.log()).tokensAsked).toBe(2)
  expect(network.accepted).toBe(2)
})

test('[P2] a worker that no tab is left of fetches its token, and sends what is queued', {
  tag: [BONDS.lastingWorker, NEEDS.extendedLifetime],
}, async ({ openIdleTab, site, gateway, network, context }) => {
  let serial = 0
  site.answer('/token-of-worker', () => ({ type: 'text/plain', body: `token ${++serial}` }))
  await gateway.accept(['token 1'])
  const tab = await openIdleTab('A')
  await tab.connect({ auth: { url: '/token-of-worker' }, background: false })
  await expect.poll(tab.state).toBe('online')
  await gateway.accept(['token 2', 'token 3', 'token 4', 'token 5'])
  network.cut()
  await expect.poll(tab.state).not.toBe('online')
  const key = await tab.publish('news', 'queued')
  await expect.poll(() => tab.delivery(key)).toMatchObject({ stored: 'stored' })
  const outside = await context.newPage()
  await tab.close()
  expect(context.pages()).toEqual([outside])

  network.pass()

  const payloads = async () => (await gateway.read('news')).map(({ payload }) => payload)
  await expect.poll(payloads, { timeout: 45_000 }).toEqual(['queued'])
  expect(serial).toBeGreaterThan(1)
})

const signIn = (page: Page, session: string): Promise<void> =>
  page.evaluate((value) => {
    // biome-ignore lint/suspicious/noDocumentCookie: every engine has it
    document.cookie = `session=${value}`
  }, session)

test('a cookie is enough, and one that was refused is tried again when somebody has signed in', {
  tag: BONDS.sharedLine,
}, async ({ openIdleTab, gateway, network }) => {
  await gateway.accept(['good'])
  const tab = await openIdleTab('A')
  await signIn(tab.page, 'stale')
  await tab.connect({ auth: 'absent' })
  await expect.poll(tab.status).toMatchObject({ state: 'unauthorized', cause: 'auth' })
  expect(network.accepted).toBe(1)

  await signIn(tab.page, 'good')
  const next = await openIdleTab('B')
  await next.connect({ auth: 'absent' })

  for (const one of [tab, next]) await expect.poll(one.state).toBe('online')
  expect(network.accepted).toBe(2)
  expect(await shown(gateway)).toEqual([undefined])
})

test('an `auth` that fails is told to its app, and nothing goes out in the name of nobody', async ({
  openIdleTab,
  site,
  gateway,
}) => {
  let status = 503
  site.answer('/token-in-trouble', () => ({ status, type: 'text/plain', body: 'good' }))
  const tab = await openIdleTab('A')
  // Everybody is let in here.
  await tab.connect({ auth: { url: '/token-in-trouble' } })
  await expect.poll(tab.state).toBe('unauthorized')
  const errors = async () => (await tab.log()).errors
  await expect
    .poll(errors)
    .toContainEqual(expect.objectContaining({ code: 'no-token', details: { why: 'status 503' } }))
  expect(await gateway.sightings()).toEqual([])

  status = 200
  await tab.reconnect()

  await expect.poll(tab.state).toBe('online')
  expect(await shown(gateway)).toEqual(['good'])
})

test('[G70] a token is on no disk, in no address and in no log', async ({
  openIdleTab,
  site,
  gateway,
}) => {
  const before = site.asked.length
  await gateway.accept(['secret-b', 'secret-c'])
  await gateway.endTokens({ 'secret-b': 2_000 })
  const tab = await openIdleTab('A')
  await tab.connect({ token: ['secret-a', 'secret-b', 'secret-c'], identity: 'ann' })
  await expect.poll(() => shown(gateway)).toEqual(['secret-a', 'secret-b', 'secret-c'])
  await tab.subscribeOnline('news')
  const key = await tab.publish('news', 'sent')
  await expect.poll(() => tab.delivery(key)).toMatchObject({ done: { result: {} } })
  await gateway.kill()
  await expect.poll(tab.state).not.toBe('online')
  await tab.publish('news', 'queued')
  await expect.poll(async () => (await tab.outbox()).length).toBe(1)
  const queued = await everythingKept(tab.page)
  await gateway.start()
  await tab.reconnect()
  await expect.poll(tab.state).toBe('online')

  const kept = [queued, await everythingKept(tab.page)].join()
  // What is kept is there to be read: the queue was.
  expect(kept).toContain('queued')
  const sightings = await gateway.sightings()
  const addresses = [...site.asked.slice(before), ...sightings.map(({ url }) => url)]
  expect(addresses.length).toBeGreaterThan(1)
  const said = await gateway.said()
  expect(said.length).toBeGreaterThan(0)
  for (const text of [kept, ...addresses, ...said]) expect(text).not.toContain('secret')
})

/** All databases, storages and caches of the origin, as text. */
async function everythingKept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const settled = <Value>(request: IDBRequest<Value>): Promise<Value> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
    kept.push(location.href, await caches.keys())
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name))
      for (const store of database.objectStoreNames) {
        const rows = database.transaction(store).objectStore(store)
        kept.push([name, store, await settled(rows.getAllKeys()), await settled(rows.getAll())])
      }
      database.close()
    }
    return JSON.stringify(kept)
  })
}
