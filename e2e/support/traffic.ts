/**
 * Owns what goes on in some tabs while something happens to them: events, operations, requests that
 * are never answered. Afterwards it knows what has to be true whatever it was: one socket a line [P1], no
 * event missing or told twice [P6], every operation done once and in its order [P3] [P4], an answer
 * to every call [P12].
 */
import { isDeepStrictEqual } from 'node:util'
import { expect } from '@playwright/test'
import type { Cause, Host } from '../../protocol/status.js'
import type { DeliveryRecord, Reply } from '../page/tab-api.js'
import type { Gateway } from './gateway.js'
import { linesOf, storageIn, storedIn, tabsALine } from './hosts.js'
import type { Tab } from './tab.js'

/** Time for whatever it was to be found and mended, on a busy machine. */
export const FOUND = { timeout: 30_000 }

declare global {
  interface Window {
    asked?: Promise<Reply>
  }
}

export interface Traffic {
  /** They ask something that nobody answers; only the loss of the line, or of the tab's part in it, may end that. */
  ask(tabs?: readonly Tab[]): Promise<void>
  /** How many events there were. */
  readonly told: number
  /** Ten events. */
  tell(): Promise<void>
  /** The same, and ten operations of every tab. */
  some(): Promise<void>
  /** Ten operations of every tab, which need no gateway. */
  work(): Promise<void>
  /** All that there was, once and in order: of events in the tabs that live, of operations at the gateway. */
  expectTold(living: readonly Tab[]): Promise<void>
  /** What has to be true in the tabs that live. */
  expectWhole(living: readonly Tab[]): Promise<void>
}

export async function expectAllOnline(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) {
    await expect
      .poll(() => tab.status(), FOUND)
      .toMatchObject({
        state: 'online',
        tabs: tabsALine(tabs),
        queued: 0,
        storage: storageIn(tab.host),
      })
  }
}

/** Nobody waits for a backoff: one tab of each line is enough. */
export async function reconnect(tabs: readonly Tab[]): Promise<void> {
  for (const tab of linesOf(tabs)) await tab.reconnect()
}

/** Opens, connects and subscribes so many tabs, and waits until they are online. */
export async function openTabs(
  count: number,
  open: (name: string) => Promise<Tab>,
): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let number = 1; number <= count; number++) {
    const tab = await open(`${number}`)
    await tab.connect()
    await tab.subscribeOnline('news')
    tabs.push(tab)
  }
  await expectAllOnline(tabs)
  return tabs
}

const SILENCE: readonly Cause[] = ['heartbeat', 'network']

/**
 * Resolves when every tab has shown since then that the line fell silent, with when each did. A server
 * that hears nothing either, and can still be heard, hangs up in the same moment.
 */
export async function silenceSaid(tabs: readonly Tab[], since: number): Promise<readonly number[]> {
  const saidIn = async (tab: Tab): Promise<number | undefined> =>
    (await tab.log()).statuses.find(
      ({ at, status }) =>
        at >= since && status.state === 'reconnecting' && SILENCE.includes(status.cause),
    )?.at
  for (const tab of tabs) await expect.poll(() => saidIn(tab), FOUND).toBeDefined()
  return Promise.all(tabs.map(async (tab) => (await saidIn(tab)) ?? Infinity))
}

const ROUND = 10

function isDone(delivery: DeliveryRecord | undefined, host: Host): boolean {
  if (!delivery) return false
  const { stored, done } = delivery
  const told = typeof stored === 'object' ? { code: stored.code } : stored
  return isDeepStrictEqual(told, storedIn(host)) && typeof done === 'object' && 'result' in done
}

export function createTraffic(tabs: readonly Tab[], gateway: Gateway): Traffic {
  let told = 0
  const operations: { readonly tab: Tab; readonly key: string }[] = []
  const asking: Tab[] = []

  async function operate(): Promise<void> {
    for (const tab of tabs) {
      operations.push({ tab, key: await tab.publish('work', operations.length) })
    }
  }

  async function expectWorkDone(): Promise<void> {
    const read = async (): Promise<readonly unknown[]> =>
      (await gateway.read('work')).map(({ payload }) => payload)
    await expect.poll(async () => (await read()).length, FOUND).toBe(operations.length)
    const done = await read()
    for (const tab of tabs) {
      // In the order in which each tab has sent them.
      const own = operations.flatMap((one, number) => (one.tab === tab ? [number] : []))
      expect(done.filter((number) => own.includes(number as number))).toEqual(own)
    }
  }

  async function expectTold(living: readonly Tab[]): Promise<void> {
    const all = Array.from({ length: told }, (_, number) => number)
    for (const tab of living) {
      await expect.poll(() => tab.payloads('news'), FOUND).toEqual(all)
      expect((await tab.log()).gaps).toEqual([])
    }
    await expectWorkDone()
  }

  async function expectAnswered(living: readonly Tab[]): Promise<void> {
    for (const tab of living) {
      const keys = operations.flatMap((one) => (one.tab === tab ? [one.key] : []))
      const unanswered = async (): Promise<unknown[]> => {
        const { deliveries } = await tab.log()
        return keys.map((key) => deliveries[key]).filter((delivery) => !isDone(delivery, tab.host))
      }
      await expect.poll(unanswered, FOUND).toEqual([])
    }
    for (const { page } of asking.filter((tab) => living.includes(tab))) {
      const reply = await page.evaluate(() => window.asked)
      // Neither its own timeout nor that of the gateway: somebody noticed.
      expect(reply).toMatchObject({ error: { code: 'interrupted' } })
    }
  }

  return {
    get told() {
      return told
    },
    async tell() {
      for (let count = 0; count < ROUND; count++) await gateway.publish('news', told++)
    },
    async ask(them = tabs) {
      for (const tab of them) {
        // The page keeps it: a call of the driver does not outlive a navigation, not even one into the cache.
        await tab.page.evaluate(() => {
          window.asked = window.tab.request('slow', null, { timeout: 50_000 })
        })
        asking.push(tab)
      }
    },
    async some() {
      for (let count = 0; count < ROUND; count++) {
        await gateway.publish('news', told++)
        await operate()
      }
    },
    async work() {
      for (let count = 0; count < ROUND; count++) await operate()
    },
    expectTold,
    async expectWhole(living) {
      await expectAllOnline(living)
      await expectTold(living)
      await expectAnswered(living)
      await expect
        .poll(async () => (await gateway.stats()).connections, FOUND)
        .toBe(linesOf(living).length)
    },
  }
}
