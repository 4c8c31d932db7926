/**
 * Owns the tabs of a session: which live, and the fact of how each ended. A tab that is reloaded ends
 * and another begins. Whoever is told to do something may die of it, or have died before: that is no
 * error here, it is what sessions are about.
 */
import type { BrowserContext, Page } from '@playwright/test'
import type { Browser } from '../support/browser.js'
import { openedPage } from '../support/opened-page.js'
import type { PageOptions, Sending } from './page/page-api.js'
import type { Fact, TabEnd } from './story.js'

interface Tab {
  name: string
  readonly page: Page
}

export interface Tabs {
  readonly count: number
  open(): Promise<void>
  /** Tabs are chosen by a number of any size; without any, one is opened. */
  send(tab: number, sendings: readonly Sending[], andClose: boolean): Promise<void>
  discard(tab: number): Promise<void>
  close(tab: number): Promise<void>
  crash(tab: number): Promise<void>
  reload(tab: number): Promise<void>
  closeAll(): Promise<void>
  /** The browser has been killed: all ended with it. */
  killed(): void
}

export interface TabsOptions {
  readonly browser: Browser
  readonly origin: string
  readonly channel: string
  readonly place: Omit<PageOptions, 'tab'>
  record(fact: Fact): void
}

const WITHIN_MS = 5_000

export function createTabs(options: TabsOptions): Tabs {
  const { browser, origin, channel, place, record } = options
  const living: Tab[] = []
  let named = 0

  function end(tab: Tab, how: TabEnd): void {
    const index = living.indexOf(tab)
    if (index < 0) return
    living.splice(index, 1)
    record({ fact: 'tab-ended', tab: tab.name, how })
  }

  /** What is asked of a tab that dies meanwhile needs no answer. */
  async function ask(tab: Tab, act: (page: Page) => Promise<unknown>): Promise<void> {
    try {
      await act(tab.page)
    } catch (error) {
      if (living.includes(tab)) throw error
    }
  }

  async function connect(tab: Tab): Promise<void> {
    tab.name = `tab ${++named}`
    await ask(tab, async (page) => {
      await page.waitForFunction(() => 'check' in window)
      await page.evaluate((given) => window.check.connect(given), { ...place, tab: tab.name })
    })
  }

  async function open(): Promise<void> {
    const context = await browser.start()
    let tab: Tab | undefined
    try {
      const page = await openedPage(context, `${origin}/`)
      const own = { name: 'unborn', page }
      tab = own
      living.push(own)
      page.on('crash', () => end(own, 'crashed'))
      await connect(own)
    } catch (error) {
      // Killed while a tab was being opened: then it is not living any more, or never was.
      if (browser.context === context && (!tab || living.includes(tab))) throw error
    }
  }

  async function choose(number: number): Promise<Tab | undefined> {
    if (living.length === 0) await open()
    return living[number % living.length]
  }

  /** The page ends by its own hand, so that what an orderly end does is done. */
  async function untilClosed(tab: Tab, act: (page: Page) => Promise<unknown>): Promise<void> {
    const closed = tab.page.waitForEvent('close', { timeout: WITHIN_MS })
    // The page may be gone before it can answer.
    act(tab.page).catch(() => {})
    await ask(tab, () => closed)
    end(tab, 'closed')
  }

  async function reload(tab: Tab): Promise<void> {
    const old = tab.name
    await ask(tab, (page) => page.reload())
    if (!living.includes(tab)) return
    record({ fact: 'tab-ended', tab: old, how: 'reloaded' })
    await connect(tab)
  }

  const close = (tab: Tab): Promise<void> =>
    untilClosed(tab, (page) => page.evaluate(() => window.check.close()))

  async function crash(tab: Tab, context: BrowserContext): Promise<void> {
    const session = await context.newCDPSession(tab.page)
    const crashed = tab.page.waitForEvent('crash', { timeout: WITHIN_MS })
    // The reply dies with the process that would have sent it.
    session.send('Page.crash').catch(() => {})
    await ask(tab, () => crashed)
  }

  const withTab =
    (act: (tab: Tab) => Promise<void>) =>
    async (number: number): Promise<void> => {
      const tab = await choose(number)
      if (tab) await act(tab)
    }

  return {
    get count() {
      return living.length
    },
    open,
    async send(number, sendings, andClose) {
      const tab = await choose(number)
      if (!tab) return
      const act = (page: Page): Promise<void> =>
        page.evaluate(([to, what, isLast]) => window.check.send(to, what, isLast), [
          channel,
          sendings,
          andClose,
        ] as const)
      if (andClose) await untilClosed(tab, act)
      else await ask(tab, act)
    },
    discard: withTab((tab) => ask(tab, (page) => page.evaluate(() => window.check.discardOne()))),
    close: withTab(close),
    reload: withTab(reload),
    crash: withTab(async (tab) => {
      const { context } = browser
      if (!context) return
      try {
        await crash(tab, context)
      } catch (error) {
        // Killed meanwhile: then its tabs and workers are gone anyway.
        if (browser.context === context) throw error
      }
    }),
    async closeAll() {
      for (const tab of [...living]) await close(tab)
    },
    killed() {
      for (const tab of [...living]) end(tab, 'killed')
    },
  }
}
