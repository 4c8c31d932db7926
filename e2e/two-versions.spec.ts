/**
 * Proves that a deployment under a new address of the worker neither opens a second socket [P1] nor
 * starves the newcomers once the older worker has no tab left [F8], and that they get its queue [P2].
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { test } from './support/fixtures.js'

test('[P1] [F8] a new version of the worker gets the line when the older one has no tab', {
  tag: NEEDS.seenWorkers,
}, async ({ openIdleTab, site, gateway, guest }) => {
  const old = await openIdleTab('old')
  const next = await openIdleTab('next')
  await old.connect({ worker: `${site.origin}/worker.js?v=1` })
  await expect.poll(() => old.state()).toBe('online')
  await next.connect({ worker: `${site.origin}/worker.js?v=2` })
  await expect.poll(async () => (await guest.workers.list()).length).toBe(2)
  expect(await next.state()).toBe('connecting')
  expect((await gateway.stats()).connections).toBe(1)

  await old.leave()

  await expect.poll(() => next.state()).toBe('online')
  expect((await gateway.stats()).connections).toBe(1)
})

test('[P2] [F8] what the older version has queued is sent by the newer one, once', async ({
  openIdleTab,
  site,
  gateway,
  network,
}) => {
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
