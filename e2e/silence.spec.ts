/**
 * Proves how long a connection that is open and dead may go unnoticed [P10] [F33]: interval and timeout
 * as the gateway's welcome named them when nobody does anything, 2 s when a tab is shown. Measured in
 * the pages, and printed.
 */
import { expect, type TestInfo } from '@playwright/test'
import { TIMED, test } from './support/fixtures.js'
import type { Network } from './support/network.js'
import type { Tab } from './support/tab.js'
import { expectAllOnline, openTabs, silenceSaid } from './support/traffic.js'

const PROOF_MS = 2_000
/** What a status needs to be on every screen. */
const SHOWN_MS = 100

/** What was heard longer ago excuses no tab that is shown; tabs hear of every answer. */
const MOMENT_MS = 250

async function expectQuiet(tab: Tab): Promise<void> {
  await expect
    .poll(async () => Date.now() - ((await tab.log()).statuses.at(-1)?.at ?? Infinity))
    .toBeGreaterThan(MOMENT_MS)
}

/** From something that happened to the moment at which the last tab has said that the line is dead. */
async function tell(
  what: string,
  since: number,
  tabs: readonly Tab[],
  testInfo: TestInfo,
): Promise<number> {
  const after = Math.round(Math.max(...(await silenceSaid(tabs, since))) - since)
  const figure = `half-open, ${what}: the last of ${tabs.length} tabs knows ${after} ms later`
  testInfo.annotations.push({ type: 'figure', description: figure })
  console.log(figure)
  return after
}

/** Where a line may lose its connection without a word. */
const DIRECTIONS = [
  ['nothing passes', (network: Network) => network.forget()],
  ['nothing comes back', (network: Network) => network.blackhole('down')],
  ['nothing gets out', (network: Network) => network.blackhole('up')],
] as const

test.describe('an idle line', () => {
  const INTERVAL_MS = 1_500
  const TIMEOUT_MS = 1_000
  test.use({ heartbeat: { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS } })

  for (const [what, lose] of DIRECTIONS) {
    test(
      `[P9] [P10] [F33] over which ${what} is given up within interval and timeout`,
      {
        tag: TIMED,
      },
      async ({ openIdleTab, network }, testInfo) => {
        const tabs = await openTabs(3, openIdleTab)
        const lost = Date.now()
        lose(network)
        const after = await tell(`idle, ${what}`, lost, tabs, testInfo)
        expect(after).toBeLessThan(INTERVAL_MS + TIMEOUT_MS + SHOWN_MS)
        network.pass()
        await expectAllOnline(tabs)
      },
    )
  }
})

test.describe('a tab that is shown', () => {
  for (const [what, lose] of DIRECTIONS) {
    test(
      `[P9] [P10] [F33] finds out in 2 s that ${what}, for all tabs of its line`,
      {
        tag: TIMED,
      },
      async ({ openIdleTab, network, host }, testInfo) => {
        const tabs = await openTabs(host === 'page' ? 1 : 3, openIdleTab)
        const seen = tabs.at(-1) as Tab
        await seen.setVisible(false)
        await expectQuiet(seen)
        lose(network)
        const shown = Date.now()
        await seen.setVisible(true)
        const after = await tell(`shown, ${what}`, shown, tabs, testInfo)
        expect(after).toBeLessThan(PROOF_MS + SHOWN_MS)
        network.pass()
        await expectAllOnline(tabs)
      },
    )
  }
})
