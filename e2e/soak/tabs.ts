/**
 * Owns the tabs of a soak: one that lives for the whole of it, and those that come and go. What a tab
 * has published goes into the ledger when it is published; what it has counted is taken from it before
 * it goes.
 */
import type { BrowserContext, Page } from '@playwright/test'
import { openedPage } from '../support/opened-page.js'
import type { Ledger } from './ledger.js'
import { CHANNELS, type ChannelName, type PageOptions, type Tally } from './page/page-api.js'

interface Tab {
  name: string
  readonly page: Page
}

export interface Tabs {
  readonly resident: Page
  /** The resident is one of them. */
  readonly count: number
  /** Tabs, reloads counted, that there have been. */
  readonly lives: number
  open(): Promise<void>
  /** Tabs are chosen by a number of any size. The resident is spared. */
  reload(tab: number): Promise<void>
  close(tab: number): Promise<void>
  crash(tab: number): Promise<void>
  closeAll(): Promise<void>
  publish(tab: number, channel: ChannelName, count: number, length: number): Promise<void>
  request(tab: number, count: number): Promise<void>
  signal(tab: number, channel: ChannelName, count: number): Promise<void>
  /** Takes what the living have counted. */
  tally(): Promise<void>
}

export interface TabsOptions {
  readonly context: BrowserContext
  readonly origin: string
  readonly place: Omit<PageOptions, 'name'>
  readonly ledger: Ledger
  /** Of any tab, but for its runs: those of the resident alone are in the ledger. */
  onTally(tally: Tally): void
}

const READY_WITHIN_MS = 60_000

export async function openTabs(options: TabsOptions): Promise<Tabs> {
  const { context, origin, place, ledger, onTally } = options
  const living: Tab[] = []
  let named = 0

  async function connect(tab: Tab): Promise<void> {
    tab.name = `tab ${++named}`
    await tab.page.waitForFunction(() => 'soak' in window)
    await tab.page.evaluate((what) => window.soak.connect(what), { ...place, name: tab.name })
  }

  async function open(): Promise<Tab> {
    const page = await openedPage(context, `${origin}/`)
    const tab: Tab = { name: 'unborn', page }
    await connect(tab)
    living.push(tab)
    return tab
  }

  const resident = await open()
  await resident.page.waitForFunction(() => window.soak.isReady(), undefined, {
    timeout: READY_WITHIN_MS,
  })

  async function take(tab: Tab): Promise<void> {
    const tally = await tab.page.evaluate(() => window.soak.tally())
    if (tab === resident) for (const run of tally.runs) ledger.heard(run)
    onTally(tally)
  }

  const choose = (number: number): Tab => living[number % living.length] ?? resident
  const guest = (number: number): Tab | undefined =>
    living.length > 1 ? living[1 + (number % (living.length - 1))] : undefined

  /** What is neither on disk nor in the hands of the worker dies with the process. */
  async function reckon(tab: Tab): Promise<void> {
    for (const channel of CHANNELS) {
      const [published, stored] = await tab.page.evaluate(
        (which) => [window.soak.publish(which, 0, 0), window.soak.stored(which)] as const,
        channel,
      )
      ledger.published(channel, tab.name, published, stored)
    }
  }

  async function crash(tab: Tab): Promise<void> {
    await take(tab)
    await reckon(tab)
    const session = await context.newCDPSession(tab.page)
    const crashed = tab.page.waitForEvent('crash')
    // The reply dies with the process that would have sent it.
    session.send('Page.crash').catch(() => {})
    await crashed
    leave(tab)
    await tab.page.close()
  }

  function leave(tab: Tab): void {
    living.splice(living.indexOf(tab), 1)
  }

  async function close(tab: Tab): Promise<void> {
    await take(tab)
    leave(tab)
    await tab.page.close()
  }

  const withGuest = (act: (tab: Tab) => Promise<void>) => async (number: number) => {
    const tab = guest(number)
    if (tab) await act(tab)
  }

  return {
    resident: resident.page,
    get count() {
      return living.length
    },
    get lives() {
      return named
    },
    open: async () => void (await open()),
    reload: withGuest(async (tab) => {
      await take(tab)
      await tab.page.reload()
      await connect(tab)
    }),
    close: withGuest(close),
    crash: withGuest(crash),
    async closeAll() {
      for (const tab of living.slice(1)) await close(tab)
    },
    async publish(number, channel, count, length) {
      const { page, name } = choose(number)
      const published = await page.evaluate(
        ([to, times, long]) => window.soak.publish(to, times, long),
        [channel, count, length] as const,
      )
      ledger.published(channel, name, published)
    },
    request: (number, count) =>
      choose(number).page.evaluate((times) => window.soak.request(times), count),
    signal: (number, channel, count) =>
      choose(number).page.evaluate(([to, times]) => window.soak.signal(to, times), [
        channel,
        count,
      ] as const),
    async tally() {
      for (const tab of living) await take(tab)
    },
  }
}
