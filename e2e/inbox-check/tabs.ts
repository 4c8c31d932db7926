/**
 * Owns the tabs of a session: which live, which are in the back/forward cache, what each reads, and
 * the fact of how each ended. A tab that is reloaded ends and another begins.
 */
import type { Page } from '@playwright/test'
import type { Browser } from '../support/browser.js'
import { openedPage } from '../support/opened-page.js'
import type { PageOptions, Reading, Task, Witness } from './page/page-api.js'
import type { Offer, Role, Wish } from './plan.js'
import type { Fact, Parking } from './story.js'

interface Tab {
  name: string
  readonly page: Page
  isAway: boolean
  readings: Reading[]
  role: Role
}

export interface Tabs {
  readonly count: number
  open(role: Role): Promise<void>
  /** Tabs are chosen by a number of any size; without any, one is opened. */
  subscribe(tab: number, wish: Wish): Promise<void>
  consume(tab: number, offer: Offer): Promise<void>
  stop(tab: number, which: number): Promise<void>
  publish(tab: number, channel: string, payloads: readonly string[]): Promise<void>
  close(tab: number): Promise<void>
  reload(tab: number, role: Role): Promise<void>
  leave(tab: number): Promise<void>
  /** Nothing happens if none is away. */
  comeBack(tab: number): Promise<void>
  allComeBack(): Promise<void>
  /** Their browser is gone. */
  allKilled(): void
  /** What lies parked, as some tab has it; undefined: there is none. */
  parked(): Promise<readonly Parking[] | undefined>
  /** Resolves when all are online, or so much time has passed. */
  online(withinMs: number): Promise<void>
  /** What each of them knows. */
  witnesses(): Promise<readonly (Witness & { readonly tab: string })[]>
}

export interface TabsOptions {
  readonly browser: Browser
  readonly origin: string
  readonly place: Omit<PageOptions, 'tab'>
  record(fact: Fact): void
  readingOf(wish: Wish): Omit<Reading, 'subscription'>
  taskOf(offer: Offer): Task
}

/** A page that knows nothing of the line: what a tab goes to when it leaves. */
const ELSEWHERE = '/page-client.js'

export function createTabs({ browser, origin, place, record, ...given }: TabsOptions): Tabs {
  const living: Tab[] = []
  let named = 0

  async function subscribe(tab: Tab, wish: Wish): Promise<void> {
    const subscription = `${tab.name}, ${tab.readings.length + 1}`
    const reading: Reading = { ...given.readingOf(wish), subscription }
    tab.readings.push(reading)
    await tab.page.evaluate((what) => window.reading.subscribe(what), reading)
  }

  const consume = (tab: Tab, offer: Offer): Promise<void> =>
    tab.page.evaluate((what) => window.reading.consume(what), given.taskOf(offer))

  const goes = (tab: Tab): void => record({ fact: 'tab-goes', tab: tab.name })

  async function connect(tab: Tab, role: Role): Promise<void> {
    tab.name = `tab ${++named}`
    tab.readings = []
    tab.role = role
    await tab.page.waitForFunction(() => 'reading' in window)
    const options: PageOptions = { ...place, tab: tab.name }
    await tab.page.evaluate((what) => window.reading.connect(what), options)
    for (const wish of role.wishes) await subscribe(tab, wish)
    for (const offer of role.offers) await consume(tab, offer)
  }

  async function open(role: Role): Promise<Tab> {
    const context = await browser.start()
    const page = await openedPage(context, `${origin}/`)
    const tab: Tab = { name: 'unborn', page, isAway: false, readings: [], role }
    living.push(tab)
    await connect(tab, role)
    return tab
  }

  async function choose(number: number): Promise<Tab> {
    const present = living.filter(({ isAway }) => !isAway)
    return present[number % present.length] ?? open({ wishes: [], offers: [] })
  }

  async function reload(tab: Tab, role: Role): Promise<void> {
    goes(tab)
    await tab.page.reload()
    record({ fact: 'tab-ended', tab: tab.name, how: 'reloaded' })
    await connect(tab, role)
  }

  async function comeBack(tab: Tab): Promise<void> {
    tab.isAway = false
    // A page that comes out of the cache does not load again.
    await tab.page.goBack({ waitUntil: 'commit' })
    await tab.page.waitForFunction(() => 'reading' in window)
    const name = await tab.page.evaluate(() => window.reading.tab)
    if (name === tab.name) return record({ fact: 'tab-back', tab: name })
    record({ fact: 'tab-ended', tab: tab.name, how: 'evicted' })
    await connect(tab, tab.role)
  }

  const withTab =
    <Rest extends readonly unknown[]>(act: (tab: Tab, ...rest: Rest) => Promise<void>) =>
    async (number: number, ...rest: Rest): Promise<void> =>
      act(await choose(number), ...rest)

  return {
    get count() {
      return living.length
    },
    open: async (role) => void (await open(role)),
    subscribe: withTab(subscribe),
    consume: withTab(consume),
    stop: withTab(async (tab, which: number) => {
      const reading = tab.readings[which % tab.readings.length]
      if (!reading) return
      await tab.page.evaluate((name) => window.reading.stop(name), reading.subscription)
    }),
    publish: withTab((tab, channel: string, payloads: readonly string[]) =>
      tab.page.evaluate(([to, what]) => window.reading.publish(to, what), [
        channel,
        payloads,
      ] as const),
    ),
    close: withTab(async (tab) => {
      living.splice(living.indexOf(tab), 1)
      goes(tab)
      await tab.page.close()
      record({ fact: 'tab-ended', tab: tab.name, how: 'closed' })
    }),
    reload: withTab(reload),
    leave: withTab(async (tab) => {
      tab.isAway = true
      goes(tab)
      await tab.page.goto(`${origin}${ELSEWHERE}`)
    }),
    async comeBack(number) {
      const away = living.filter(({ isAway }) => isAway)
      const tab = away[number % away.length]
      if (tab) await comeBack(tab)
    },
    async allComeBack() {
      for (const tab of living) if (tab.isAway) await comeBack(tab)
    },
    allKilled() {
      for (const { name } of living.splice(0))
        record({ fact: 'tab-ended', tab: name, how: 'killed' })
    },
    async online(timeout) {
      const present = living.filter(({ isAway }) => !isAway)
      const each = present.map(({ page }) =>
        page.waitForFunction(() => window.reading.isOnline, undefined, { timeout }),
      )
      await Promise.allSettled(each)
    },
    witnesses: () =>
      Promise.all(
        living.map(async ({ name, page }) => ({
          tab: name,
          ...(await page.evaluate(() => window.reading.witness())),
        })),
      ),
    parked: async () => living[0]?.page.evaluate(() => window.reading.parked()),
  }
}
