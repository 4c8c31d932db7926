/**
 * Proves that a server or a network that falls silent without a word is a normal event [P10] [F33]:
 * it is noticed, said, and afterwards there is one socket a line [P1], no tab misses or repeats an event
 * [P6], what was queued took effect once [P3], and every call has its answer [P12]. What dies on the
 * browser's side is the affair of death.spec.ts.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { test } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import type { Network } from './support/network.js'
import type { Tab } from './support/tab.js'
import {
  createTraffic,
  expectAllOnline,
  openTabs,
  reconnect,
  silenceSaid,
} from './support/traffic.js'

test.use({ heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 } })

interface Fault {
  readonly begin: () => void
  readonly end: () => void
}

const FAULTS: Readonly<Record<string, (gateway: Gateway, network: Network) => Fault>> = {
  'a gateway that stands still (SIGSTOP)': (gateway) => ({
    begin: gateway.freeze,
    end: gateway.thaw,
  }),
  'a network that swallows everything': (_, network) => ({
    begin: () => network.blackhole('both'),
    end: network.pass,
  }),
  'a network that swallows what we say': (_, network) => ({
    begin: () => network.blackhole('up'),
    end: network.pass,
  }),
  // The gateway has done what it was told, and nobody hears of it (F29).
  'a network that swallows what we are told': (_, network) => ({
    begin: () => network.blackhole('down'),
    end: network.pass,
  }),
}

for (const [what, faultOf] of Object.entries(FAULTS)) {
  test(`[P1] [P3] [P6] [P10] [P12] [F33] three tabs go on after ${what}`, async ({
    openIdleTab,
    gateway,
    network,
  }) => {
    const tabs = await openTabs(3, openIdleTab)
    const traffic = createTraffic(tabs, gateway)
    await traffic.ask()
    const fault = faultOf(gateway, network)
    await traffic.some()
    const begun = Date.now()
    fault.begin()
    await traffic.work()
    await silenceSaid(tabs, begun)
    for (const tab of tabs) {
      expect(await tab.request('double', 1)).toMatchObject({ error: { code: 'offline' } })
    }
    fault.end()
    await reconnect(tabs)
    await traffic.some()
    await traffic.expectWhole(tabs)
  })
}

test('[P1] [P6] [P10] [F33] [F34] what comes late over a line that was given up touches nobody', async ({
  openIdleTab,
  gateway,
  network,
}) => {
  const tabs = await openTabs(3, openIdleTab)
  const traffic = createTraffic(tabs, gateway)
  await traffic.ask()
  await traffic.some()
  // Three sockets one after the other, each with something on its way that arrives after its time.
  for (let round = 0; round < 3; round++) {
    const begun = Date.now()
    network.blackhole('both')
    await traffic.work()
    await silenceSaid(tabs, begun)
    network.pass()
    await expectAllOnline(tabs)
    await traffic.some()
  }
  await traffic.expectWhole(tabs)
})

test('[P12] [F14] the rest go on when a tab crashes in the middle of its work', {
  tag: [NEEDS.killedTab, BONDS.lastingLine],
}, async ({ openIdleTab, gateway }) => {
  const tabs = await openTabs(4, openIdleTab)
  const traffic = createTraffic(tabs, gateway)
  await traffic.some()
  const [victim, ...others] = tabs.toReversed() as [Tab, ...Tab[]]
  await victim.crash()
  await expect.poll(async () => (await others[0]?.status())?.tabs).toBe(3)
  for (const other of others) await other.publish('elsewhere', 'still here')
  await traffic.expectWhole(others)
})
