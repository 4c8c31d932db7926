/**
 * Owns the cast of every spec: an origin, a gateway, the network between them, and as many tabs as
 * the story needs. Everything is on ports of its own, and nothing is left when the test ends.
 */
import { test as base } from '@playwright/test'
import type { Heartbeat } from '../../gateway/limits.js'
import type { Host } from '../../protocol/status.js'
import type { Engine } from '../../scripts/engines.js'
import { createDriver } from '../drivers/create-driver.js'
import type { Browser, Driver } from '../drivers/driver.js'
import type { Run } from '../page/tab-api.js'
import { createFactRecorder } from './fact-recorder.js'
import { createGateway, type Gateway } from './gateway.js'
import { bindToHost } from './hosts.js'
import { createNetwork, type Network } from './network.js'
import { createProfile, type Profile } from './profile.js'
import { createSite, type Site } from './site.js'
import { openPage, type Tab } from './tab.js'

interface Cast {
  /** Where the broker has to live: what the browser is said to lack leads there. */
  readonly host: Host
  /** How often a client is to be heard, where the usual is too long for a test. */
  readonly heartbeat: Partial<Heartbeat> | undefined
  readonly gateway: Gateway
  readonly network: Network
  /** The WebSocket's address, through the network. */
  readonly url: string
  /** A browser with nothing on its disk: the one in which tabs are opened. */
  readonly guest: Browser
  /** Another one. */
  readonly openGuest: () => Promise<Browser>
  /** Opens a tab and connects it. */
  readonly openTab: (name: string) => Promise<Tab>
  /** Opens a tab that has not connected yet. */
  readonly openIdleTab: (name: string, path?: string) => Promise<Tab>
  /** What the consumers of all tabs did, in the order in which it happened; it outlives the tabs. */
  readonly diary: Diary
  /** A browser of its own that can be killed and started again. */
  readonly profile: Profile
}

interface Diary {
  readonly address: string
  readonly runs: readonly Run[]
}

/** The tag of a test with a time limit of its own: it runs when nothing else does. */
export const TIMED = '@timed'

interface Stage {
  readonly site: Site
  readonly engine: Engine
  readonly driver: Driver
}

export const test = base.extend<Cast, Stage>({
  engine: ['chromium', { option: true, scope: 'worker' }],

  driver: [
    async ({ engine, playwright, launchOptions }, use) => {
      const driver = createDriver(engine, { playwright, launchOptions })
      await use(driver)
      await driver.close()
    },
    { scope: 'worker' },
  ],

  site: [
    async ({}, use) => {
      const site = await createSite()
      await use(site)
      await site.close()
    },
    { scope: 'worker' },
  ],

  host: ['shared-worker', { option: true }],

  // Playwright's own would be another browser than that of the tabs.
  context: async ({ guest, host }, use) => {
    const context = guest.playwright()
    await bindToHost(context, host)
    await use(context)
  },

  openGuest: async ({ driver }, use) => {
    const guests: Browser[] = []
    await use(async () => {
      const guest = await driver.open()
      guests.push(guest)
      return guest
    })
    for (const guest of guests) await guest.close()
  },

  guest: async ({ openGuest }, use) => use(await openGuest()),

  heartbeat: [undefined, { option: true }],

  gateway: async ({ heartbeat }, use, testInfo) => {
    const gateway = await createGateway(testInfo.outputPath('gateway.db'), { heartbeat })
    await use(gateway)
    await gateway.close()
  },

  network: async ({ gateway }, use) => {
    const network = await createNetwork(gateway.port)
    await use(network)
    await network.close()
  },

  url: ({ network }, use) => use(`ws://127.0.0.1:${network.port}/line`),

  openIdleTab: ({ guest, site, url, host }, use) =>
    use((name, path) =>
      openPage(guest, name, { origin: site.origin, ...(path && { path }), url, host }),
    ),

  openTab: ({ openIdleTab }, use) =>
    use(async (name) => {
      const tab = await openIdleTab(name)
      await tab.connect()
      return tab
    }),

  diary: async ({}, use) => {
    const runs: Run[] = []
    const { address, close } = await createFactRecorder<Run>({ onFact: (run) => runs.push(run) })
    await use({ address, runs })
    await close()
  },

  profile: async ({ driver, site, url, host }, use, testInfo) => {
    const profile = createProfile({
      driver,
      folder: testInfo.outputPath('profile'),
      place: { origin: site.origin, url, host },
    })
    await use(profile)
    await profile.close()
  },
})
