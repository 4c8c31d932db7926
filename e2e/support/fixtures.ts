/**
 * Owns the cast of every spec: an origin, a gateway, the network between them, and as many tabs as
 * the story needs. Everything is on ports of its own, and nothing is left when the test ends.
 */
import { test as base } from '@playwright/test'
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
  readonly openIdleTab: (name: string) => Promise<Tab>
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

/** The tag of a test of what a SharedWorker alone can do, as its title says. */
export const SHARED_WORKER = '@shared-worker'
/** The tag of a test of what tabs have in common, a line or a disk: pages without locks share neither. */
export const SHARED_LINE = '@shared-line'

/** The tag of a test that chooses its host itself, as its title says: it runs once. */
export const HOSTS = '@hosts'

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

  // What needs Playwright's own pages: they are driven in Chromium alone.
  context: async ({ context, host }, use) => {
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

  gateway: async ({}, use, testInfo) => {
    const gateway = await createGateway(testInfo.outputPath('gateway.db'))
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
    use((name) => openPage(guest, name, { origin: site.origin, url, host })),

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
