/**
 * What the outbox does at its limits, seen in every tab of its line: full, too large, no disk, poison,
 * wrong clocks, and a thousand operations that have waited.
 */
import { readFile } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { welcomeTo } from './support/behaviours.js'
import { test } from './support/fixtures.js'
import { storedIn, tabsALine } from './support/hosts.js'
import { createScriptedServer } from './support/scripted-server.js'
import type { Tab } from './support/tab.js'

const DAY = 24 * 60 * 60_000

/** Two tabs of one line; where a page has a line of its own, one twice. */
async function idlePair(openIdleTab: (name: string) => Promise<Tab>): Promise<[Tab, Tab]> {
  const tabs = [await openIdleTab('A'), await openIdleTab('B')] as const
  const [a, b] = tabs
  return tabsALine(tabs) === 1 ? [a, a] : [a, b]
}

async function pair(openTab: (name: string) => Promise<Tab>): Promise<[Tab, Tab]> {
  const tabs = await idlePair(openTab)
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
  return tabs
}

test.describe('a thousand operations that waited for the network', () => {
  test('[P4] [F27] leave in one window: all of them before the first answer, in order', async ({
    openIdleTab,
  }) => {
    const server = await createScriptedServer()
    const arrived: string[] = []
    // It greets nobody: the line stays down.
    server.play(() => {})
    const tab = await openIdleTab('A')
    await tab.connect({ url: server.url })
    const keys: string[] = []
    for (let i = 0; i < 1_000; i++) keys.push(await tab.send('note', i, { lane: `lane ${i % 3}` }))
    await expect.poll(() => tab.status()).toMatchObject({ queued: 1_000 })

    server.play(([type, body], peer) => {
      if (type === 'hello') {
        const [, welcome] = welcomeTo(body)
        peer.say(['welcome', { ...welcome, limits: { ...welcome.limits, window: 1_024 } }])
      }
      // Not one of them is acknowledged.
      if (type === 'op') arrived.push(body.key)
    })
    await tab.reconnect()
    await expect.poll(() => arrived.length).toBe(1_000)
    expect(arrived).toEqual(keys)
    await server.close()
  })

  test('[P3] [P4] reach the gateway once and in order, without pauses', async ({
    openTab,
    network,
    gateway,
  }) => {
    const tab = await openTab('A')
    await expect.poll(() => tab.state()).toBe('online')
    network.cut()
    for (let i = 0; i < 1_000; i++) await tab.publish('news', i)
    await expect.poll(() => tab.status()).toMatchObject({ queued: 1_000 })
    network.pass()
    await tab.reconnect()
    await expect.poll(() => tab.status()).toMatchObject({ state: 'online', queued: 0 })
    const { statuses } = await tab.log()
    const online = statuses.findLast(({ status }) => status.state !== 'online')?.at ?? 0
    const empty = statuses.find(({ at, status }) => at > online && status.queued === 0)?.at ?? 0
    console.log(`1,000 operations settled ${Math.round(empty - online)} ms after the welcome`)
    const log = await gateway.read('news')
    expect(log.map(({ payload }) => payload)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
    expect(empty - online).toBeLessThan(10_000)
  })
})

test.describe('a full outbox', () => {
  test('[P14] refuses with a typed error, and every tab shows what is queued', async ({
    openIdleTab,
    network,
  }) => {
    const [a, b] = await idlePair(openIdleTab)
    network.cut()
    for (const tab of new Set([a, b])) await tab.connect({ outbox: { operations: 3 } })
    const keys: string[] = []
    for (let i = 0; i < 3; i++) keys.push(await a.send('note', i))
    // Two tabs have two ways to the worker: the later one may be the shorter.
    for (const key of keys)
      await expect.poll(() => a.delivery(key)).toMatchObject({ stored: storedIn(a.host) })
    const refused = await b.send('note', 'too many')
    const error = { code: 'outbox-full', details: { limit: 'operations' } }
    await expect.poll(() => b.delivery(refused)).toMatchObject({ stored: error, done: error })
    for (const tab of [a, b]) {
      await expect
        .poll(async () => (await tab.outbox()).map(({ payload }) => payload))
        .toEqual(['0', '1', '2'])
      expect(await tab.status()).toMatchObject({ queued: 3 })
    }
  })

  test('[P5] that may drop the oldest gives it the outcome `discarded`, in every tab', async ({
    openIdleTab,
    network,
    gateway,
  }) => {
    const [a, b] = await idlePair(openIdleTab)
    network.cut()
    const outbox = { operations: 2, overflow: 'drop-oldest' } as const
    for (const tab of new Set([a, b])) await tab.connect({ outbox })
    const keys: string[] = []
    for (let i = 0; i < 3; i++) keys.push(await a.publish('news', i))
    const dropped = { code: 'discarded', details: { by: 'overflow' } }
    await expect.poll(() => a.delivery(keys[0] ?? '')).toMatchObject({ done: dropped })
    for (const tab of [a, b]) {
      await expect
        .poll(async () => (await tab.outbox()).find(({ key }) => key === keys[0]))
        .toMatchObject({ state: 'failed', outcome: 'discarded', error: dropped })
    }
    network.pass()
    await a.reconnect()
    await expect.poll(() => b.status()).toMatchObject({ state: 'online', queued: 0 })
    expect((await gateway.read('news')).map(({ payload }) => payload)).toEqual([1, 2])
  })
})

test('[P2] [P9] [F22] a full disk is said in every tab; the line goes on, and the disk heals', {
  tag: [NEEDS.limitedDisk, BONDS.disk],
}, async ({ openIdleTab, guest, network, gateway, site }) => {
  const [a, b] = await idlePair(openIdleTab)
  await guest.disk.limit(site.origin, 300_000)
  network.cut()
  for (const tab of new Set([a, b])) await tab.connect()
  // Each alone is more than there is: Chromium compares its quota with one transaction.
  const keys: string[] = []
  for (let i = 0; i < 4; i++) keys.push(await a.publish('news', '€'.repeat(200_000)))
  await expect.poll(() => a.delivery(keys[3] ?? '')).toMatchObject({ stored: { code: 'quota' } })
  for (const tab of [a, b]) {
    await expect
      .poll(() => tab.status())
      .toMatchObject({ queued: 4, storage: 'memory', storageError: { code: 'quota' } })
  }

  await guest.disk.limit(site.origin)
  for (const tab of [a, b]) {
    await expect.poll(() => tab.status(), { timeout: 40_000 }).toMatchObject({ storage: 'disk' })
  }
  const after = await b.publish('news', 'after')
  await expect.poll(() => b.delivery(after)).toMatchObject({ stored: 'stored' })
  network.pass()
  await a.reconnect()
  for (const tab of [a, b]) await expect.poll(() => tab.status()).toMatchObject({ queued: 0 })
  expect(await gateway.read('news')).toHaveLength(5)
})

test.describe('a payload of five mebibytes', () => {
  const large = 'x'.repeat(5 * 1024 * 1024)

  test('[P14] is refused at `send` once the server has said how much it takes', async ({
    openTab,
  }) => {
    const [a] = await pair(openTab)
    const key = await a.send('note', large)
    const error = { code: 'too-large' }
    await expect.poll(() => a.delivery(key)).toMatchObject({ stored: error, done: error })
    expect(await a.outbox()).toEqual([])
  })

  test('[P5] [F28] that was queued before gets an outcome in every tab, and its lane goes on', async ({
    openIdleTab,
    network,
    gateway,
  }) => {
    const [a, b] = await idlePair(openIdleTab)
    network.cut()
    for (const tab of new Set([a, b])) await tab.connect()
    const key = await a.send('note', large, { lane: 'one' })
    const next = await a.send('note', 'next', { lane: 'one' })
    await expect.poll(() => a.delivery(key)).toMatchObject({ stored: storedIn(a.host) })
    network.pass()
    await a.reconnect()
    await expect.poll(() => a.delivery(key)).toMatchObject({ done: { code: 'too-large' } })
    await expect.poll(() => a.delivery(next)).toMatchObject({ done: { result: {} } })
    for (const tab of [a, b]) {
      await expect
        .poll(async () => (await tab.outbox()).map(({ state, error }) => [state, error?.code]))
        .toEqual([['failed', 'too-large']])
    }
    expect((await gateway.read('notes')).map(({ payload }) => payload)).toEqual(['next'])
  })
})

test.describe('poison at the head of a lane', () => {
  test('[P5] [F30] that is refused for good frees the lane, and is seen in every tab', async ({
    openTab,
    gateway,
  }) => {
    const [a, b] = await pair(openTab)
    const refused = await a.send('forbidden', 1, { lane: 'one' })
    const next = await a.send('note', 'next', { lane: 'one' })
    await expect.poll(() => a.delivery(next)).toMatchObject({ done: { result: {} } })
    const error = { code: 'rejected', details: { reason: 'forbidden', why: 'nobody may do this' } }
    await expect.poll(() => a.delivery(refused)).toMatchObject({ done: error })
    for (const tab of [a, b]) {
      await expect
        .poll(() => tab.outbox())
        .toMatchObject([{ key: refused, state: 'failed', outcome: 'rejected', error }])
    }
    expect(await b.discard(refused)).toBe(true)
    for (const tab of [a, b]) await expect.poll(() => tab.outbox()).toEqual([])
    expect(await gateway.read('notes')).toHaveLength(1)
  })

  test('[P4] [F30] that always fails for now holds its lane only, until its attempts are used up', async ({
    openTab,
  }) => {
    const [a, b] = await pair(openTab)
    const poison = await a.send('poison', 1, { lane: 'one', maxAttempts: 3 })
    const behind = await a.send('note', 'behind', { lane: 'one' })
    const other = await b.send('note', 'other lane', { lane: 'two' })
    await expect.poll(() => b.delivery(other)).toMatchObject({ done: { result: {} } })
    expect((await a.delivery(behind))?.done).toBe('pending')
    const error = { code: 'exhausted' }
    await expect.poll(() => a.delivery(poison), { timeout: 30_000 }).toMatchObject({ done: error })
    await expect.poll(() => a.delivery(behind)).toMatchObject({ done: { result: {} } })
    for (const tab of [a, b]) {
      await expect
        .poll(() => tab.outbox())
        .toMatchObject([{ key: poison, state: 'failed', outcome: 'rejected', error }])
    }
  })
})

test.describe('clocks that are a day wrong', () => {
  for (const [name, offset] of [
    ['ahead', DAY],
    ['behind', -DAY],
  ] as const) {
    test(`[P2] [P5] do no harm: ${name}`, async ({ openIdleTab, site, network, gateway }) => {
      const worker = await readFile('dist/worker.js', 'utf8')
      const skew = `{ const now = Date.now; Date.now = () => now() + ${offset} }\n`
      site.serve(`/worker-${name}.js`, skew + worker)
      const [a, b] = await idlePair(openIdleTab)
      network.cut()
      // The pages have the right time, the worker has not.
      for (const tab of new Set([a, b])) await tab.connect({ worker: `/worker-${name}.js` })
      const long = await a.send('note', 'lives', { ttl: 60_000 })
      const short = await a.send('note', 'ends', { ttl: 300 })
      await expect.poll(() => a.delivery(short)).toMatchObject({ done: { code: 'expired' } })
      for (const tab of [a, b]) {
        await expect
          .poll(async () => (await tab.outbox()).map(({ key, state }) => [key, state]))
          .toEqual([
            [long, 'queued'],
            [short, 'failed'],
          ])
      }
      network.pass()
      await a.reconnect()
      await expect.poll(() => a.delivery(long)).toMatchObject({ done: { result: {} } })
      expect((await gateway.read('notes')).map(({ payload }) => payload)).toEqual(['lives'])
    })
  }
})

test.describe('one key in two tabs', () => {
  test('[P3] is one operation, and both learn its outcome', { tag: BONDS.sharedLine }, async ({
    openTab,
    gateway,
  }) => {
    const [a, b] = await pair(openTab)
    const options = { key: 'my own key' }
    expect(await a.send('note', 'once', options)).toBe('my own key')
    expect(await b.send('note', 'once', options)).toBe('my own key')
    for (const tab of [a, b]) {
      await expect
        .poll(() => tab.delivery('my own key'))
        .toMatchObject({ stored: 'stored', done: { result: { noted: 'once' } } })
    }
    expect(await gateway.read('notes')).toHaveLength(1)
  })
})

test.describe('giving up', () => {
  test('[P5] what was never sent is certain, by any tab', async ({ openTab, network, gateway }) => {
    const [a, b] = await pair(openTab)
    network.cut()
    // Until the worker has noticed, it sends.
    await expect.poll(a.state).not.toBe('online')
    const key = await a.publish('news', 'never')
    await expect.poll(async () => (await b.outbox()).length).toBe(1)
    expect(await b.discard(key)).toBe(true)
    await expect.poll(() => a.delivery(key)).toMatchObject({ done: { code: 'discarded' } })
    for (const tab of [a, b]) await expect.poll(() => tab.outbox()).toEqual([])
    network.pass()
    await a.reconnect()
    await expect.poll(() => a.status()).toMatchObject({ state: 'online', queued: 0 })
    expect(await gateway.read('news')).toEqual([])
  })

  test('[P5] and all that failed can be sent again at once', async ({ openTab }) => {
    const [a, b] = await pair(openTab)
    for (let i = 0; i < 3; i++) await a.send('forbidden', i)
    const failed = async (): Promise<number> =>
      (await b.outbox()).filter(({ state }) => state === 'failed').length
    await expect.poll(failed).toBe(3)
    expect(await b.retryAll()).toBe(3)
    await expect
      .poll(async () => (await a.outbox()).map(({ state, payload }) => [state, payload]))
      .toEqual([
        ['failed', '0'],
        ['failed', '1'],
        ['failed', '2'],
      ])
  })
})
