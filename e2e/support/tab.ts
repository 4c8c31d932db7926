/**
 * Owns one actor, a browser tab: what a spec may do to it and ask of it. The page writes its log by
 * itself, so to ask late misses nothing.
 */
import { expect } from '@playwright/test'
import type { Member } from '../../page-client/api.js'
import type { ErrorInfo } from '../../protocol/errors.js'
import type { OutboxEntry, ParkedEvent } from '../../protocol/port.js'
import type { Host, Status } from '../../protocol/status.js'
import type { Browser, Page } from '../drivers/driver.js'
import type {
  AwkwardPayload,
  ConsumeChoices,
  DeliveryRecord,
  From,
  HandlerPlan,
  HeardSignal,
  Received,
  Reply,
  RequestChoices,
  Run,
  SendChoices,
  SnapshotPlan,
  Story,
  TabLog,
  TabOptions,
} from '../page/tab-api.js'
import { queryOf } from './hosts.js'

export interface Tab {
  readonly name: string
  readonly host: Host
  readonly page: Page
  connect(options?: Partial<TabOptions>): Promise<ErrorInfo | undefined>
  subscribe(channel: string, from?: From, snapshot?: SnapshotPlan, history?: number): Promise<void>
  /** Stops every subscription of the channel. */
  unsubscribe(channel: string): Promise<void>
  /** Subscribes and resolves when the server has answered: what is published now will be seen. */
  subscribeOnline(channel: string): Promise<void>
  /** The id of the event where the subscription stands. */
  position(channel: string): Promise<string | undefined>
  consume(
    channel: string,
    name: string,
    plan?: HandlerPlan,
    choices?: ConsumeChoices,
  ): Promise<void>
  /** Consumes and resolves when the server has said where: what is published now will be handled. */
  consumeOnline(
    channel: string,
    name: string,
    plan?: HandlerPlan,
    choices?: ConsumeChoices,
  ): Promise<void>
  stopConsuming(name: string): Promise<void>
  /** What the handlers of this consumer did in this tab. */
  runs(name: string): Promise<readonly Run[]>
  parked(): Promise<readonly ParkedEvent[]>
  retryParked(key: string): Promise<boolean>
  discardParked(key: string): Promise<boolean>
  setVisible(isVisible: boolean): Promise<void>
  /** Resolves when it is over. */
  freeze(ms: number): Promise<void>
  /** Resolves with the operation's key as soon as the call has returned. */
  publish(channel: string, payload: unknown, choices?: SendChoices): Promise<string>
  send(type: string, payload: unknown, choices?: SendChoices): Promise<string>
  /** What a send with these options throws. */
  sendBadly(choices: SendChoices): Promise<ErrorInfo | undefined>
  sendAwkward(kind: AwkwardPayload): Promise<ErrorInfo | undefined>
  /** Resolves when it has ended, however it has. */
  request(type: string, payload?: unknown, choices?: RequestChoices): Promise<Reply>
  /** The error that was thrown, if any. */
  signal(channel: string, payload: unknown): Promise<ErrorInfo | undefined>
  listen(channel: string): Promise<void>
  unlisten(channel: string): Promise<void>
  /** What was heard of a channel since `listen`. */
  signals(channel: string): Promise<readonly HeardSignal[]>
  /** Shows this tab in the channel; undefined: no longer. */
  show(channel: string, state?: unknown): Promise<ErrorInfo | undefined>
  watch(channel: string): Promise<void>
  unwatch(channel: string): Promise<void>
  members(channel: string): Promise<readonly Member[]>
  status(): Promise<Status | undefined>
  state(): Promise<Status['state'] | undefined>
  events(channel: string): Promise<readonly Received[]>
  /** The payloads of the events of a channel, in the order in which the tab saw them. */
  payloads(channel: string): Promise<readonly unknown[]>
  /** What each subscription of a channel was told, in the order of subscribing. */
  stories(channel: string): Promise<readonly Story[]>
  delivery(key: string): Promise<DeliveryRecord | undefined>
  outbox(): Promise<readonly OutboxEntry[]>
  /** Both say whether there was such an operation. */
  discard(key: string): Promise<boolean>
  retry(key: string): Promise<boolean>
  retryAll(): Promise<number>
  /** Resolves when it is over, with why it has failed, if it has. */
  signOut(outbox: 'discard' | 'keep'): Promise<ErrorInfo | undefined>
  /** The keys of what is in the lifeboats of this origin. */
  lifeboat(): Promise<readonly string[]>
  /** Holds a Web Lock for as long as the page lives. */
  holdLock(name: string): Promise<void>
  /** Resolves when nobody of this origin holds the lock any longer, with the time. */
  lockFreed(name: string): Promise<number>
  log(): Promise<TabLog>
  setToken(token: string): Promise<void>
  reconnect(): Promise<void>
  /** From now on this tab does not let the line wait for its backoff. */
  hurry(): Promise<void>
  /** This tab leaves the line; the page stays. */
  leave(): Promise<void>
  /** Whether the tab has a dedicated worker, which is the line's. */
  leads(): Promise<boolean>
  /** The page is loaded anew, and has not connected. */
  reload(): Promise<void>
  /** Another page of the site is loaded in this tab, and has not connected. */
  visit(address: string): Promise<void>
  /** Resolves when the page under test is there, after a way to it that the tab does not know of. */
  isThere(): Promise<void>
  /** The tab is closed without a word to its page. Returns when, in wall-clock milliseconds. */
  close(): Promise<number>
  /** kill -9 of the tab's process. Returns when. */
  crash(): Promise<number>
}

export interface TabPlace {
  readonly origin: string
  /** Of the page. */
  readonly path?: string
  readonly url: string
  readonly host?: Host
}

/** Opens a page of the site; does not connect it. */
export async function openPage(
  browser: Browser,
  name: string,
  { origin, path = '/', url, host = 'shared-worker' }: TabPlace,
): Promise<Tab> {
  const page = await browser.openPage(`${origin}${path}${queryOf(host)}`)
  const isThere = (): Promise<void> =>
    expect.poll(() => page.evaluate(() => 'tab' in window)).toBe(true)
  await isThere()

  const subscribe: Tab['subscribe'] = (channel, from, snapshot, history) =>
    page.evaluate(([to, where, plan, kept]) => window.tab.subscribe(to, where, plan, kept), [
      channel,
      from,
      snapshot,
      history,
    ] as const)
  const unsubscribe: Tab['unsubscribe'] = (channel) =>
    page.evaluate((from) => window.tab.unsubscribe(from), channel)
  const consume: Tab['consume'] = (channel, consumer, plan, choices) =>
    page.evaluate(([from, as, how, also]) => window.tab.consume(from, as, how, also), [
      channel,
      consumer,
      plan,
      choices,
    ] as const)
  const position: Tab['position'] = (channel) =>
    page.evaluate((of) => window.tab.position(of), channel)
  const log = (): Promise<TabLog> => page.evaluate(() => window.tab.log)
  const status = async (): Promise<Status | undefined> => (await log()).statuses.at(-1)?.status
  const events = async (channel: string): Promise<readonly Received[]> =>
    (await log()).events.filter((event) => event.channel === channel)

  return {
    name,
    host,
    page,
    connect: (options) =>
      page.evaluate((given) => window.tab.connect(given), { url, ...options } as TabOptions),
    subscribe,
    unsubscribe,
    async subscribeOnline(channel) {
      await subscribe(channel)
      await expect.poll(() => position(channel)).toBeDefined()
    },
    position,
    consume,
    async consumeOnline(channel, consumer, plan, choices) {
      await consume(channel, consumer, plan, choices)
      // Whoever asks later is answered later.
      await subscribe(channel)
      await expect.poll(() => position(channel)).toBeDefined()
      await unsubscribe(channel)
    },
    stopConsuming: (consumer) => page.evaluate((of) => window.tab.stopConsuming(of), consumer),
    runs: async (consumer) => (await log()).runs.filter((run) => run.name === consumer),
    parked: () => page.evaluate(() => window.tab.parked()),
    retryParked: (key) => page.evaluate((which) => window.tab.retryParked(which), key),
    discardParked: (key) => page.evaluate((which) => window.tab.discardParked(which), key),
    setVisible: (isVisible) => page.evaluate((is) => window.tab.setVisible(is), isVisible),
    freeze: (ms) => page.evaluate((howLong) => window.tab.freeze(howLong), ms),
    publish: (channel, payload, choices) =>
      page.evaluate(([to, what, how]) => window.tab.publish(to, what, how), [
        channel,
        payload,
        choices,
      ] as const),
    send: (type, payload, choices) =>
      page.evaluate(([as, what, how]) => window.tab.send(as, what, how), [
        type,
        payload,
        choices,
      ] as const),
    sendBadly: (choices) => page.evaluate((how) => window.tab.sendBadly(how), choices),
    sendAwkward: (kind) => page.evaluate((which) => window.tab.sendAwkward(which), kind),
    request: (type, payload, choices) =>
      page.evaluate(([as, what, how]) => window.tab.request(as, what, how), [
        type,
        payload,
        choices,
      ] as const),
    signal: (channel, payload) =>
      page.evaluate(([to, what]) => window.tab.signal(to, what), [channel, payload] as const),
    listen: (channel) => page.evaluate((to) => window.tab.listen(to), channel),
    unlisten: (channel) => page.evaluate((to) => window.tab.unlisten(to), channel),
    signals: async (channel) => (await log()).signals.filter((one) => one.channel === channel),
    show: (channel, state) =>
      page.evaluate(([where, what]) => window.tab.show(where, what), [channel, state] as const),
    watch: (channel) => page.evaluate((of) => window.tab.watch(of), channel),
    unwatch: (channel) => page.evaluate((of) => window.tab.unwatch(of), channel),
    members: (channel) => page.evaluate((of) => window.tab.members(of), channel),
    status,
    state: async () => (await status())?.state,
    events,
    payloads: async (channel) => (await events(channel)).map(({ payload }) => payload),
    stories: async (channel) => (await log()).stories.filter((one) => one.channel === channel),
    delivery: async (key) => (await log()).deliveries[key],
    outbox: () => page.evaluate(() => window.tab.outbox()),
    discard: (key) => page.evaluate((which) => window.tab.discard(which), key),
    retry: (key) => page.evaluate((which) => window.tab.retry(which), key),
    retryAll: () => page.evaluate(() => window.tab.retryAll()),
    signOut: (outbox) => page.evaluate((fate) => window.tab.signOut(fate), outbox),
    lifeboat: () => page.evaluate(() => window.tab.lifeboat()),
    holdLock: (lock) => page.evaluate((which) => window.tab.holdLock(which), lock),
    lockFreed: (lock) => page.evaluate((which) => window.tab.lockFreed(which), lock),
    log,
    setToken: (token) => page.evaluate((next) => window.tab.setToken(next), token),
    hurry: () => page.evaluate(() => window.tab.hurry()),
    reconnect: () => page.evaluate(() => window.tab.reconnect()),
    leave: () => page.evaluate(() => window.tab.close()),
    leads: () => page.evaluate(() => window.tab.leads()),
    isThere,
    async visit(address) {
      await page.goto(address)
      await isThere()
    },
    async reload() {
      await page.reload()
      await isThere()
    },
    async close() {
      const at = Date.now()
      await page.close()
      return at
    },
    crash: page.kill,
  }
}
