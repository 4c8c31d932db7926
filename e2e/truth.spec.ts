/**
 * Proves that whatever happens to the line, every tab shows the same and the truth within 100 ms [P9].
 * What is true is told by who has seen it: the network when the connection ended, the gateway when it
 * welcomed the next one. Where nobody can see the loss, the tabs are only held against one another;
 * how soon they find out is the affair of silence.spec.ts.
 */
import { expect } from '@playwright/test'
import type { Host } from '../protocol/status.js'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import { TIMED, test } from './support/fixtures.js'
import type { Gateway } from './support/gateway.js'
import type { Network } from './support/network.js'
import { killNetworkService } from './support/processes.js'
import type { Profile } from './support/profile.js'
import { longestDisagreement, longestUntruth } from './support/screens.js'
import { expectAllOnline, openTabs, silenceSaid } from './support/traffic.js'

const SHOWN_MS = 100

test.use({ heartbeat: { intervalMs: 1_500, timeoutMs: 1_500 } })

interface Stage {
  readonly host: Host
  readonly profile: Profile
  readonly gateway: Gateway
  readonly network: Network
}

interface Fault {
  readonly what: string
  begin(stage: Stage): unknown
  /** The server can be reached again. */
  end?(stage: Stage): unknown
  /** Nobody but the worker can know of it. */
  readonly isSilent?: true
  readonly needs?: string
}

const FAULTS: readonly Fault[] = [
  { what: 'a cut', begin: ({ network }) => network.cut(), end: ({ network }) => network.pass() },
  {
    what: 'kill -9 of the gateway',
    begin: ({ gateway }) => gateway.kill(),
    end: ({ gateway }) => gateway.start(),
  },
  {
    what: 'SIGTERM of the gateway',
    begin: ({ gateway }) => gateway.stop(),
    end: ({ gateway }) => gateway.start(),
  },
  {
    what: 'the end of the worker',
    begin: ({ host, profile }) => profile.browser.workersIn(host).kill(),
    needs: NEEDS.workerDeath,
  },
  {
    what: 'kill -9 of the network service',
    begin: ({ profile }) => killNetworkService(profile.browser.pid),
    needs: NEEDS.networkService,
  },
  {
    what: 'SIGSTOP of the gateway',
    begin: ({ gateway }) => gateway.freeze(),
    end: ({ gateway }) => gateway.thaw(),
    isSilent: true,
  },
  {
    what: 'a black hole',
    begin: ({ network }) => network.blackhole('both'),
    end: ({ network }) => network.pass(),
    isSilent: true,
  },
]

for (const fault of FAULTS) {
  test(
    `[P9] five tabs show the same, and the truth, after ${fault.what}`,
    { tag: [TIMED, NEEDS.keptProfile, BONDS.sharedLine, ...(fault.needs ? [fault.needs] : [])] },
    async ({ host, profile, gateway, network }, testInfo) => {
      await profile.launch()
      const tabs = await openTabs(5, profile.openTab)
      const begun = Date.now()
      await fault.begin({ host, profile, gateway, network })
      if (fault.isSilent) await silenceSaid(tabs, begun)
      else await expect.poll(() => network.endedAt).toBeGreaterThanOrEqual(begun)
      const lostAt = network.endedAt
      await fault.end?.({ host, profile, gateway, network })
      await tabs[0]?.reconnect()
      await expect.poll(() => gateway.welcomedAt()).toBeGreaterThan(begun)
      await expectAllOnline(tabs)

      const screens = await Promise.all(tabs.map(async (tab) => (await tab.log()).statuses))
      const apart = Math.round(longestDisagreement(screens, begun))
      const backAt = await gateway.welcomedAt()
      const untrue = fault.isSilent
        ? 0
        : Math.round(
            Math.max(...screens.map((screen) => longestUntruth(screen, { lostAt, backAt }))),
          )
      const figure = `${fault.what}: five tabs differ for ${apart} ms, one is wrong for ${untrue} ms`
      testInfo.annotations.push({ type: 'figure', description: figure })
      console.log(figure)
      expect(apart).toBeLessThan(SHOWN_MS)
      expect(untrue).toBeLessThan(SHOWN_MS)
    },
  )
}
