/**
 * Owns one actor, a browser tab: what a spec may do to it and ask of it. The page writes its log by
 * itself, so to ask late misses nothing.
 */
import { type BrowserContext, expect, type Page } from '@playwright/test'
import type { ErrorInfo } from '../../protocol/errors.js'
import type { OutboxEntry } from '../../protocol/port.js'
import type { Status } from '../../protocol/status.js'
import type {
  AwkwardPayload,
  DeliveryRecord,
  Received,
  TabLog,
  TabOptions,
} from '../page/tab-api.js'

export interface Tab {
  readonly name: string
  readonly page: Page
  connect(options?: Partial<TabOptions>): Promise<ErrorInfo | undefined>
  subscribe(channel: string, from?: 'now' | 'last' | { readonly after: string }): Promise<void>
  /** Subscribes and resolves when the server has answered: what is published now will be seen. */
  subscribeOnline(channel: string): Promise<void>
  /** The id of the event where the subscription stands. */
  position(channel: string): Promise<string | undefined>
  /** Resolves with the operation's key as soon as the call has returned. */
  publish(channel: string, payload: unknown): Promise<string>
  send(type: string, payload: unknown): Promise<string>
  sendAwkward(kind: AwkwardPayload): Promise<ErrorInfo | undefined>
  status(): Promise<Status | undefined>
  state(): Promise<Status['state'] | undefined>
  events(channel: string): Promise<readonly Received[]>
  /** The payloads of the events of a channel, in the order in which the tab saw them. */
  payloads(channel: string): Promise<readonly unknown[]>
  delivery(key: string): Promise<DeliveryRecord | undefined>
  outbox(): Promise<readonly OutboxEntry[]>
  log(): Promise<TabLog>
  setToken(token: string): Promise<void>
  reconnect(): Promise<void>
  /** From now on this tab does not let the line wait for its backoff. */
  hurry(): Promise<void>
  /** This tab leaves the line; the page stays. */
  leave(): Promise<void>
  /** The tab is closed without a word to its page. Returns when, in wall-clock milliseconds. */
  close(): Promise<number>
  /** The tab's process dies. Returns when. */
  crash(): Promise<number>
}

export interface TabPlace {
  readonly origin: string
  readonly url: string
}

/** Opens a page of the site; does not connect it. */
export async function openPage(
  context: BrowserContext,
  name: string,
  { origin, url }: TabPlace,
): Promise<Tab> {
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  await page.waitForFunction(() => 'tab' in window)

  const subscribe: Tab['subscribe'] = (channel, from) =>
    page.evaluate(([to, where]) => window.tab.subscribe(to, where), [channel, from] as const)
  const position: Tab['position'] = (channel) =>
    page.evaluate((of) => window.tab.position(of), channel)
  const log = (): Promise<TabLog> => page.evaluate(() => window.tab.log)
  const status = async (): Promise<Status | undefined> => (await log()).statuses.at(-1)?.status
  const events = async (channel: string): Promise<readonly Received[]> =>
    (await log()).events.filter((event) => event.channel === channel)

  return {
    name,
    page,
    connect: (options) =>
      page.evaluate((given) => window.tab.connect(given), { url, ...options } as TabOptions),
    subscribe,
    async subscribeOnline(channel) {
      await subscribe(channel)
      await expect.poll(() => position(channel)).toBeDefined()
    },
    position,
    publish: (channel, payload) =>
      page.evaluate(([to, what]) => window.tab.publish(to, what), [channel, payload] as const),
    send: (type, payload) =>
      page.evaluate(([as, what]) => window.tab.send(as, what), [type, payload] as const),
    sendAwkward: (kind) => page.evaluate((which) => window.tab.sendAwkward(which), kind),
    status,
    state: async () => (await status())?.state,
    events,
    payloads: async (channel) => (await events(channel)).map(({ payload }) => payload),
    delivery: async (key) => (await log()).deliveries[key],
    outbox: () => page.evaluate(() => window.tab.outbox()),
    log,
    setToken: (token) => page.evaluate((next) => window.tab.setToken(next), token),
    hurry: () => page.evaluate(() => window.tab.hurry()),
    reconnect: () => page.evaluate(() => window.tab.reconnect()),
    leave: () => page.evaluate(() => window.tab.close()),
    async close() {
      const at = Date.now()
      await page.close({ runBeforeUnload: false })
      return at
    },
    async crash() {
      const session = await context.newCDPSession(page)
      const crashed = page.waitForEvent('crash')
      const at = Date.now()
      // The reply dies with the process that would have sent it.
      session.send('Page.crash').catch(() => {})
      await crashed
      return at
    },
  }
}
