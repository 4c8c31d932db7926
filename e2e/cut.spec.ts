/** Proves that a cut network is a normal event: seen at once [P9], and nothing is lost by it [P6]. */
import { expect } from '@playwright/test'
import { TIMED, test } from './support/fixtures.js'
import { storedIn, tabsALine } from './support/hosts.js'
import { reconnect } from './support/traffic.js'

test('[P9] every tab shows the cut within 100 ms, with its cause and the next attempt', {
  tag: TIMED,
}, async ({ openTab, network }) => {
  const tabs = [await openTab('A'), await openTab('B'), await openTab('C')]
  for (const tab of tabs) {
    await expect.poll(() => tab.status()).toMatchObject({ state: 'online', tabs: tabsALine(tabs) })
  }

  const at = network.cut()

  for (const tab of tabs) {
    await expect.poll(() => tab.state()).not.toBe('online')
    const { statuses } = await tab.log()
    const seen = statuses.find((entry) => entry.at >= at && entry.status.state !== 'online')
    expect(seen?.at, `tab ${tab.name} sees it`).toBeLessThan(at + 100)
    expect(seen?.status).toMatchObject({ state: 'reconnecting', cause: 'network' })
    expect(seen?.status).toHaveProperty('retryAt', expect.any(Number))
  }

  network.pass()
  await reconnect(tabs)
  for (const tab of tabs) await expect.poll(() => tab.state()).toBe('online')
})

test('[P6] [F36] events of the time without a network arrive once, in order, none missing', async ({
  openTab,
  gateway,
  network,
}) => {
  const tabs = [await openTab('A'), await openTab('B')]
  for (const tab of tabs) await tab.subscribeOnline('news')
  const sent: number[] = []
  const publish = async (): Promise<void> => {
    const number = sent.length
    sent.push(number)
    await gateway.publish('news', number)
  }
  await publish()
  for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(sent)

  for (let round = 0; round < 3; round++) {
    network.cut()
    for (const tab of tabs) await expect.poll(() => tab.state()).not.toBe('online')
    for (let count = 0; count < 20; count++) await publish()
    network.pass()
    await reconnect(tabs)
    for (const tab of tabs) await expect.poll(() => tab.payloads('news')).toEqual(sent)
  }

  for (const tab of tabs) expect((await tab.log()).gaps).toEqual([])
})

test('[P6] frames torn to pieces and late are the same events', async ({
  openTab,
  gateway,
  network,
}) => {
  const tab = await openTab('A')
  await tab.subscribeOnline('news')
  await expect.poll(() => tab.state()).toBe('online')
  network.slice(7)
  network.delay(20)
  const sent = Array.from({ length: 20 }, (_, number) => ({ number, text: 'è'.repeat(number) }))
  for (const payload of sent) await gateway.publish('news', payload)
  await expect.poll(() => tab.payloads('news')).toEqual(sent)
})

test('[P2] [P3] [P4] operations of the time without a network take effect once, in order', async ({
  openTab,
  gateway,
  network,
  host,
}) => {
  const tab = await openTab('A')
  await expect.poll(() => tab.state()).toBe('online')
  network.cut()
  await expect.poll(() => tab.state()).not.toBe('online')
  const sent = Array.from({ length: 20 }, (_, number) => number)
  const keys: string[] = []
  for (const number of sent) keys.push(await tab.publish('news', number))
  await expect.poll(async () => (await tab.status())?.queued).toBe(20)

  network.pass()
  await tab.reconnect()

  for (const key of keys) {
    await expect
      .poll(() => tab.delivery(key))
      .toMatchObject({ stored: storedIn(host), done: { result: { id: expect.any(String) } } })
  }
  const log = await gateway.read('news')
  expect(log.map(({ payload }) => payload)).toEqual(sent)
  await expect.poll(async () => (await tab.status())?.queued).toBe(0)
})
