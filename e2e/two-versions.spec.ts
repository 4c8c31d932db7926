/**
 * Proves that the same version of the worker under two addresses opens no second socket [P1] and leaves
 * nobody waiting [F8], and that what the one has queued is sent by the other [P2]. Versions that differ
 * are in upgrade.spec.ts.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'

test('[P1] [F8] a page with another address of the worker is served by the one that has the line', {
  tag: [BONDS.twoWorkers, NEEDS.seenWorkers],
}, async ({ openIdleTab, site, gateway, guest, host }) => {
  const old = await openIdleTab('old')
  const next = await openIdleTab('next')
  await old.connect({ worker: `${site.origin}/worker.js?v=1` })
  await old.subscribeOnline('news')
  await next.connect({ worker: `${site.origin}/worker.js?v=2` })
  await next.subscribeOnline('news')
  expect(await guest.workersIn(host).ids()).toHaveLength(2)
  for (const tab of [old, next]) {
    await expect.poll(tab.status).toMatchObject({ state: 'online', tabs: 2 })
  }
  await gateway.publish('news', 1)
  for (const tab of [old, next]) await expect.poll(() => tab.payloads('news')).toEqual([1])

  await old.leave()
  await gateway.publish('news', 2)

  await expect.poll(() => next.payloads('news')).toEqual([1, 2])
  await expect.poll(next.status).toMatchObject({ state: 'online', tabs: 1 })
  expect(await gateway.most()).toBe(1)
})

test('[P2] [F8] what the older version has queued is sent by the newer one, once', {
  tag: BONDS.disk,
}, async ({ openIdleTab, site, gateway, network }) => {
  const old = await openIdleTab('old')
  const next = await openIdleTab('next')
  await old.connect({ worker: `${site.origin}/worker.js?v=1` })
  await expect.poll(() => old.state()).toBe('online')
  network.cut()
  await expect.poll(() => old.state()).not.toBe('online')
  const keys = [await old.publish('news', 1), await old.publish('news', 2)]
  for (const key of keys) {
    await expect.poll(() => old.delivery(key)).toMatchObject({ stored: 'stored' })
  }
  await old.leave()
  network.pass()

  await next.connect({ worker: `${site.origin}/worker.js?v=2` })

  await expect
    .poll(async () => (await gateway.read('news')).map(({ payload }) => payload))
    .toEqual([1, 2])
  await expect.poll(async () => (await next.status())?.queued).toBe(0)
})
