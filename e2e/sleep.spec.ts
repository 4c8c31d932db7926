/**
 * Proves that a machine that slept finds its dead connection at once [P10] [F33], and that nobody has
 * missed or repeated anything afterwards [P1] [P3] [P6] [P12].
 *
 * Two halves of a real sleep. In the first every process of the browser stands still (SIGSTOP), and the
 * network forgets its connections meanwhile: timers, threads, sockets and the wall clock are those of a
 * lid that was closed. But Linux goes on counting its monotonic clock for a process that stands still,
 * which a suspended machine does not; so in the second the worker's wall clock jumps and nothing else
 * moves. The heartbeat is the usual one, far too slow to find anything in either.
 */
import { expect } from '@playwright/test'
import type { Host } from '../protocol/status.js'
import { NEEDS } from '../scripts/engines.js'
import { TIMED, test } from './support/fixtures.js'
import type { Profile } from './support/profile.js'
import type { Tab } from './support/tab.js'
import {
  createTraffic,
  expectAllOnline,
  openTabs as openSome,
  silenceSaid,
} from './support/traffic.js'

/** The worker looks at its clock every two seconds, and a delay of three more is a sleep. */
const SLEEP_MS = 7_000
const TICK_MS = 2_000
const PROOF_MS = 2_000
/** What a status needs to be on every screen. */
const SHOWN_MS = 100

async function openTabs(profile: Profile, count = 3): Promise<Tab[]> {
  await profile.launch()
  return openSome(count, profile.openTab)
}

async function sleep(profile: Profile, meanwhile: () => Promise<unknown>): Promise<number> {
  profile.sleep()
  try {
    await Promise.all([meanwhile(), new Promise((over) => setTimeout(over, SLEEP_MS))])
  } finally {
    profile.wake()
  }
  return Date.now()
}

test('[P1] [P3] [P6] [P10] [P12] [F33] three tabs go on after a sleep in which the network forgot them', {
  tag: NEEDS.keptProfile,
}, async ({ profile, gateway, network }) => {
  const tabs = await openTabs(profile)
  const traffic = createTraffic(tabs, gateway)
  await traffic.ask()
  await traffic.some()
  network.forget()
  await traffic.work()
  await sleep(profile, traffic.tell)
  await traffic.some()
  await traffic.expectWhole(tabs)
})

const JUMP_MS = 3_600_000

for (const [what, doze, noticedAfterMs, needs] of [
  ['whose browser stood still', (profile: Profile) => sleep(profile, async () => {}), 0, []],
  [
    'whose wall clock jumped',
    async ({ browser }: Profile, host: Host) => {
      await browser.workersIn(host).jumpWallClock(JUMP_MS)
      return Date.now()
    },
    TICK_MS,
    [NEEDS.workerClock],
  ],
] as const) {
  test(
    `[P9] [P10] [F33] [F45] a machine ${what} gives its dead line up 2 s after it has noticed`,
    { tag: [TIMED, NEEDS.keptProfile, ...needs] },
    async ({ profile, network, host }, testInfo) => {
      // One worker's clock jumps, and it is not everybody's where each page has its own.
      const tabs = await openTabs(profile, host === 'page' ? 1 : 3)
      network.forget()
      const woken = await doze(profile, host)
      const said = await silenceSaid(tabs, woken)
      await expectAllOnline(tabs)

      const worst = Math.round(Math.max(...said) - woken)
      const figure = `a machine ${what}: the last of ${tabs.length} tabs knows ${worst} ms later`
      testInfo.annotations.push({ type: 'figure', description: figure })
      console.log(figure)
      expect(worst).toBeLessThan(noticedAfterMs + PROOF_MS + SHOWN_MS)
      expect(worst - Math.round(Math.min(...said) - woken)).toBeLessThan(SHOWN_MS)
    },
  )
}
