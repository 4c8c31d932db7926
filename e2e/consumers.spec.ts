/**
 * Proves that a consumer handles each event in one tab of the browser, whoever dies [P8]: with ten tabs of
 * which nine are killed, with handlers that fail, and with a browser that is killed in the middle.
 */
import { expect } from '@playwright/test'
import { OFFER_MS } from '../protocol/port.js'
import { NEEDS } from '../scripts/engines.js'
import { BONDS } from '../scripts/hosts.js'
import type { HandlerPlan, Run } from './page/tab-api.js'
import { test as base, TIMED } from './support/fixtures.js'
import type { Tab } from './support/tab.js'

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J']

interface Cast {
  /** The tab takes part in the consumer `bell` of the channel `news`, and the diary hears of it. */
  readonly join: (tab: Tab, plan?: HandlerPlan, maxAttempts?: number) => Promise<void>
  readonly publish: (from: number, to: number) => Promise<readonly number[]>
  /** Payloads that were handled to the end, in that order. */
  readonly handled: () => readonly unknown[]
}

const test = base.extend<Cast>({
  join: ({ diary }, use) =>
    use((tab, plan, maxAttempts) =>
      tab.consumeOnline('news', 'bell', plan, {
        diary: { address: diary.address, tab: tab.name },
        ...(maxAttempts !== undefined && { maxAttempts }),
      }),
    ),
  publish: ({ gateway }, use) =>
    use(async (from, to) => {
      const all = numbers(from, to)
      for (const n of all) await gateway.publish('news', n)
      return all
    }),
  handled: ({ diary }, use) => use(() => payloadsOf('done', diary.runs)),
})

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const payloadsOf = (what: Run['what'], runs: readonly Run[]): readonly unknown[] =>
  runs.flatMap((run) => (run.what === what ? [run.payload] : []))

const tabsOf = (runs: readonly Run[]): readonly string[] => [...new Set(runs.map(({ tab }) => tab))]

async function everybodyIn(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs)
    await expect.poll(async () => (await tab.status())?.tabs).toBe(tabs.length)
}

test('[P8] [P12] ten tabs handle a thousand events once and in order, though nine of them die on the way', {
  tag: [NEEDS.killedTab, BONDS.sharedLine],
}, async ({ openTab, diary, join, publish, handled }) => {
  test.setTimeout(180_000)
  const tabs: Tab[] = []
  for (const name of NAMES) tabs.push(await openTab(name))
  // The worker may live in the process of the tab that came first, which is the last in line here.
  const living = [...tabs.slice(1), ...tabs.slice(0, 1)]
  for (const tab of living) await join(tab, { takesMs: 2 })
  await everybodyIn(living)
  const sent = await publish(1, 1_000)

  const busy = (): Tab | undefined => living.find(({ name }) => name === diary.runs.at(-1)?.tab)
  let deaths = 0
  for (let count = 100; count < 1_000; count += 100) {
    const isDue = (): boolean => handled().length >= count && busy() !== undefined
    await expect.poll(isDue, { timeout: 60_000, intervals: [5] }).toBe(true)
    const victim = busy() as Tab
    living.splice(living.indexOf(victim), 1)
    await (deaths % 2 ? victim.close() : victim.crash())
    deaths += 1
  }
  await expect.poll(() => handled().includes(1_000), { timeout: 60_000 }).toBe(true)

  expect(deaths).toBe(9)
  expect(tabsOf(diary.runs)).toHaveLength(10)
  const begun = diary.runs.filter(({ what }) => what === 'begun')
  const isRepeated = (run: Run, index: number): boolean => begun[index + 1]?.payload === run.payload
  // Twice only where a tab died: so the order is that of sending, with a repeat here and there.
  expect(
    payloadsOf(
      'begun',
      begun.filter((run, index) => !isRepeated(run, index)),
    ),
  ).toEqual(sent)
  const interrupted = begun.filter(isRepeated).map(({ tab }) => tab)
  // Each of the dead leaves one event behind, or none.
  expect(new Set(interrupted).size).toBe(interrupted.length)
  expect(interrupted).not.toContain(living[0]?.name)
})

for (const [how, end, needs] of [
  ['closed by force', (tab: Tab) => tab.close(), []],
  ['killed', (tab: Tab) => tab.crash(), [NEEDS.killedTab]],
] as const) {
  test(`[P8] [P12] [F14] what a tab had in hand that is ${how} is in other hands within 100 ms`, {
    tag: [TIMED, BONDS.sharedLine, ...needs],
  }, async ({ openTab, diary, join, publish, handled }) => {
    const others = [await openTab('A'), await openTab('B')] as const
    const victim = await openTab('C')
    await join(victim, { hangs: true })
    for (const tab of others) await join(tab)
    await everybodyIn([victim, ...others])
    await publish(1, 2)
    await expect.poll(() => diary.runs).toMatchObject([{ tab: 'C', what: 'begun', payload: 1 }])

    // How long a browser takes to end a process is its own affair: the clock runs from when it
    // frees what the dead tab held.
    await victim.holdLock('the victim lives')
    const freed = others[0].lockFreed('the victim lives')
    await end(victim)
    const dead = await freed
    await expect.poll(handled).toEqual([1, 2])
    // A page that is closed may have the time to tell its handler; one that is killed has none.
    const [taken] = diary.runs.filter(({ tab }) => tab !== 'C')
    expect(taken).toMatchObject({ tab: 'A', what: 'begun', payload: 1 })
    expect(taken?.at).toBeLessThan(dead + 100)
    const late = Math.round((taken?.at ?? 0) - dead)
    console.log(`handed over ${late} ms after the death of a tab that was ${how}`)
  })
}

test('[P8] two consumers of a channel handle every event each', { tag: BONDS.sharedLine }, async ({
  openTab,
  publish,
}) => {
  const [a, b] = [await openTab('A'), await openTab('B')]
  for (const tab of [a, b]) {
    for (const name of ['bell', 'badge']) await tab.consumeOnline('news', name)
  }
  const sent = await publish(1, 20)
  for (const name of ['bell', 'badge']) {
    const done = async (): Promise<readonly unknown[]> =>
      payloadsOf('done', [...(await a.runs(name)), ...(await b.runs(name))])
    await expect.poll(done).toHaveLength(20)
    expect([...(await done())].sort((one, other) => Number(one) - Number(other))).toEqual(sent)
  }
})

test('[P8] a visible tab is preferred to one that nobody sees', { tag: BONDS.sharedLine }, async ({
  openTab,
  diary,
  join,
  publish,
  handled,
}) => {
  const [a, b] = [await openTab('A'), await openTab('B')]
  await join(a)
  await join(b)
  const shows = async (seen: Tab, hidden: Tab): Promise<void> => {
    await hidden.setVisible(false)
    await seen.setVisible(true)
    // What is published now has seen the worker hear of both.
    for (const tab of [hidden, seen]) await tab.request('double', 1)
  }
  await shows(b, a)
  await publish(1, 3)
  await expect.poll(handled).toEqual([1, 2, 3])
  expect(tabsOf(diary.runs)).toEqual(['B'])
  await shows(a, b)
  await publish(4, 6)
  await expect.poll(handled).toEqual([1, 2, 3, 4, 5, 6])
  expect(tabsOf(diary.runs.slice(6))).toEqual(['A'])
})

test('[P8] an event that a frozen tab has not begun is handled by another, and not again when it thaws', {
  tag: BONDS.sharedLine,
}, async ({ openTab, diary, join, publish, handled, site }) => {
  // Where the worker lives in the process of the first tab, that tab would hold up the line.
  const [other, frozen] = [await openTab('B'), await openTab('A')]
  await join(frozen)
  await join(other)
  await everybodyIn([frozen, other])
  let isFrozen = false
  site.answer('/frozen', () => {
    isFrozen = true
    return site.file('/')
  })
  const thawed = frozen.freeze(OFFER_MS + 3_000)
  // Until it stands still it would answer.
  await expect.poll(() => isFrozen).toBe(true)
  await publish(1, 2)
  await expect.poll(handled).toEqual([1, 2])
  await thawed
  await publish(3, 3)
  await expect.poll(handled).toEqual([1, 2, 3])
  expect(payloadsOf('begun', diary.runs)).toEqual([1, 2, 3])
  expect(tabsOf(diary.runs.slice(0, 4))).toEqual(['B'])
})

test('[P8] a tab that stops consuming in the middle hands its event to the next', {
  tag: BONDS.sharedLine,
}, async ({ openTab, diary, join, publish, handled }) => {
  const [a, b] = [await openTab('A'), await openTab('B')]
  await join(a, { hangs: true })
  await join(b)
  await publish(1, 3)
  await expect.poll(() => payloadsOf('begun', diary.runs)).toEqual([1])
  await a.stopConsuming('bell')
  await expect.poll(handled).toEqual([1, 2, 3])
  expect(diary.runs.filter(({ tab }) => tab === 'A').map(({ what }) => what)).toEqual([
    'begun',
    'aborted',
  ])
})

test.describe('a handler that fails', () => {
  const POISON = 2

  test('[P8] is called again with a growing wait, and the events behind it keep their order', async ({
    openTab,
    diary,
    join,
    publish,
    handled,
  }) => {
    const tab = await openTab('A')
    await join(tab, { only: [POISON], fails: 2 })
    await publish(1, 3)
    await expect.poll(handled).toEqual([1, 2, 3])
    const tries = diary.runs.filter(({ what, payload }) => what === 'begun' && payload === POISON)
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect((tries[1]?.at ?? 0) - (tries[0]?.at ?? 0)).toBeGreaterThan(100)
    expect(payloadsOf('begun', diary.runs)).toEqual([1, 2, 2, 2, 3])
    expect(await tab.parked()).toEqual([])
  })

  test('[P5] [P8] is parked in the end, the same in every tab, until somebody tries again or lets go', {
    tag: BONDS.sharedLine,
  }, async ({ openTab, join, publish, handled }) => {
    const [a, b] = [await openTab('A'), await openTab('B')]
    await join(a, { only: [POISON, 4], fails: 2 }, 2)
    await publish(1, 5)
    await expect.poll(handled, { timeout: 30_000 }).toEqual([1, 3, 5])
    for (const tab of [a, b]) {
      await expect.poll(async () => (await tab.parked()).length).toBe(2)
    }
    const parked = await a.parked()
    expect(await b.parked()).toEqual(parked)
    expect(parked).toMatchObject([
      { channel: 'news', name: 'bell', payload: '2', attempts: 2 },
      { channel: 'news', name: 'bell', payload: '4', attempts: 2 },
    ])
    expect(parked[0]?.error.message).toBeTruthy()

    const [second, fourth] = parked.map(({ key }) => key) as [string, string]
    expect(await b.discardParked(fourth)).toBe(true)
    expect(await b.discardParked(fourth)).toBe(false)
    await a.stopConsuming('bell')
    expect(await b.retryParked(second)).toBe(false)
    await join(b)
    expect(await a.retryParked(second)).toBe(true)
    await expect.poll(handled).toEqual([1, 3, 5, POISON])
    for (const tab of [a, b]) await expect.poll(() => tab.parked()).toEqual([])
    await publish(6, 6)
    await expect.poll(handled).toEqual([1, 3, 5, POISON, 6])
  })

  test('[P8] has failed when it takes too long, and hears of it', async ({ openTab, publish }) => {
    const tab = await openTab('A')
    await tab.consumeOnline(
      'news',
      'bell',
      { only: [1], hangs: true },
      { timeout: 200, maxAttempts: 1 },
    )
    await publish(1, 2)
    await expect.poll(async () => payloadsOf('done', await tab.runs('bell'))).toEqual([2])
    expect((await tab.runs('bell')).map(({ what }) => what)).toEqual([
      'begun',
      'aborted',
      'begun',
      'done',
    ])
    expect(await tab.parked()).toMatchObject([{ payload: '1', attempts: 1 }])
  })
})

test.describe('a browser that is killed', () => {
  test('[P8] [P7] goes on with the event that it was handling, and misses none of those that came meanwhile', {
    tag: [NEEDS.keptProfile, BONDS.disk],
  }, async ({ profile, diary, join, publish, handled }) => {
    await profile.launch()
    const before = await profile.openTab('A')
    await before.connect()
    await join(before, { only: [5], hangs: true })
    await publish(1, 8)
    await expect.poll(() => payloadsOf('begun', diary.runs)).toEqual([1, 2, 3, 4, 5])
    await profile.kill()
    await publish(9, 10)

    await profile.launch()
    const after = await profile.openTab('A again')
    await after.connect()
    await join(after)
    await expect.poll(handled).toEqual(numbers(1, 10))
    const again = diary.runs.filter(({ tab }) => tab === 'A again')
    expect(payloadsOf('begun', again)).toEqual(numbers(5, 10))
  })

  test('[P8] has what was parked, and can try it again', {
    tag: [NEEDS.keptProfile, BONDS.disk],
  }, async ({ profile, join, publish, handled }) => {
    await profile.launch()
    const before = await profile.openTab('A')
    await before.connect()
    await join(before, { only: [1], fails: 1 }, 1)
    await publish(1, 2)
    await expect.poll(handled).toEqual([2])
    await expect.poll(async () => (await before.parked()).length).toBe(1)
    const parked = await before.parked()
    await profile.kill()

    await profile.launch()
    const after = await profile.openTab('A again')
    await after.connect()
    await join(after)
    await expect.poll(() => after.parked()).toEqual(parked)
    expect(await after.retryParked(parked[0]?.key ?? '')).toBe(true)
    await expect.poll(handled).toEqual([2, 1])
    await expect.poll(() => after.parked()).toEqual([])
  })
})
