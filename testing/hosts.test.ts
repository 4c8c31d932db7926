/** Hosts that die, hang or do not start, and those that take over from them. */
import { afterEach, describe, expect, it } from 'vitest'
import type { PartylineError } from '../protocol/errors.js'
import { VERSION } from '../protocol/version.js'
import { createHouse, type HouseTab } from './house.js'
import { openOnline } from './news.js'

let house: ReturnType<typeof createHouse>
afterEach(() => house.close())

async function online(count: number) {
  house = createHouse()
  house.state.hasSharedWorker = false
  const { tabs } = await openOnline(house, count, {})
  return tabs as readonly [HouseTab, ...HouseTab[]]
}

/** Short steps, because what crosses a port in between takes no virtual time. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) await house.advance(Math.min(250, left))
}

async function expectOnline(tabs: readonly HouseTab[], host: string, sockets = 1): Promise<void> {
  await house.server.latest.welcome()
  await house.quiet()
  for (const { line } of tabs) {
    expect(line.status.value).toMatchObject({ state: 'online', tabs: tabs.length, host })
  }
  expect(house.server.open).toBe(sockets)
}

const running = (tabs: readonly HouseTab[]): number =>
  tabs.reduce((sum, { workers }) => sum + workers.size, 0)

describe('the dedicated worker of a leader', () => {
  it('[P1][P12][G49][S136] that dies alone, for want of memory, is followed at once', async () => {
    const tabs = await online(3)
    tabs[0].workers.killAll()
    await pass(250)
    expect(running(tabs)).toBe(1)
    await expectOnline(tabs, 'leader-tab')
  })

  it('[P1][P12] that dies in a page with no other tab is followed by another one', async () => {
    const tabs = await online(1)
    tabs[0].workers.killAll()
    await pass(500)
    await expectOnline(tabs, 'leader-tab')
  })

  for (const [whose, index] of [
    ['a follower', 1],
    ['the leader itself', 0],
  ] as const) {
    it(`[P1][P12][F2][G49] that hangs is ended when ${whose} has no answer`, async () => {
      const tabs = await online(2)
      tabs[0].workers.hang()
      const delivery = tabs[index]?.line.send('note', 1)
      await pass(8_000)
      expect(running(tabs)).toBe(1)
      await expectOnline(tabs, 'leader-tab')
      await delivery?.stored
    })
  }

  it('[P12][F13] that cannot be loaded for a while is tried again, and nobody is told of an end', async () => {
    const tabs = await online(2)
    const [first, second] = tabs as unknown as [HouseTab, HouseTab]
    house.state.refusesWorkers = true
    first.kill()
    await pass(12_000)
    expect(second.line.status.value.state).toBe('connecting')
    expect(second.errors).toEqual([])
    house.state.refusesWorkers = false
    await pass(10_000)
    await expectOnline([second], 'leader-tab')
  })

  it('[P12] that cannot be loaded from the first is told of once, and tried again', async () => {
    house = createHouse()
    house.state.hasSharedWorker = false
    house.state.refusesWorkers = true
    const told: PartylineError[] = []
    const tab = house.openTab({ onError: (error) => told.push(error) })
    await pass(30_000)
    expect(told.map(({ code }) => code)).toEqual(['worker-unreachable'])
    expect(tab.line.status.value.state).toBe('stopped')
    house.state.refusesWorkers = false
    await pass(10_000)
    await expectOnline([tab], 'leader-tab')
  })
})

describe('a page without locks', () => {
  for (const [how, end] of [
    ['is gone', (tab: HouseTab) => tab.workers.killAll()],
    ['hangs', (tab: HouseTab) => tab.workers.hang()],
  ] as const) {
    it(`[P5][P12][F2] whose worker ${how} ends it and has another one, which does what was asked`, async () => {
      house = createHouse()
      Object.assign(house.state, { hasSharedWorker: false, hasLocks: false })
      const { tab } = await openOnline(house, 1, { onError: () => expect.unreachable() })
      end(tab)
      const { key } = tab.line.send('note', 1)
      await pass(6_000)
      await expectOnline([tab], 'page')
      expect(tab.workers.size).toBe(1)
      expect(house.server.latest.bodies('op')).toMatchObject([{ key }])

      // It is not held against the next one.
      const { latest } = house.server
      tab.page.hidden()
      tab.page.shown()
      await pass(250)
      expect(house.server.latest).toBe(latest)
      expect(tab.line.status.value).toMatchObject({ state: 'online', queued: 1 })
    })
  }

  it('[P9][P12][G115] whose worker dies before it has said a word has another one a second later', async () => {
    house = createHouse()
    Object.assign(house.state, { hasSharedWorker: false, hasLocks: false, isWorkerDeaf: true })
    const tab = house.openTab({ onError: () => expect.unreachable() })
    await house.quiet()
    house.state.isWorkerDeaf = false
    tab.workers.killAll()
    const { key } = tab.line.send('note', 1)
    await pass(1_250)
    await expectOnline([tab], 'page')
    expect(tab.workers.size).toBe(1)
    await pass(1_000)
    expect(house.server.latest.bodies('op')).toMatchObject([{ key }])
  })

  it('[P9][P12][G115] whose worker has died in the back/forward cache has another one seven seconds after', async () => {
    house = createHouse()
    Object.assign(house.state, { hasSharedWorker: false, hasLocks: false })
    const { tab } = await openOnline(house, 1, { onError: () => expect.unreachable() })
    tab.page.hidden()
    await house.quiet()
    tab.workers.killAll()
    tab.page.shown()
    await pass(7_250)
    await expectOnline([tab], 'page')
    expect(tab.workers.size).toBe(1)
  })
})

describe('a SharedWorker that serves tabs without one', () => {
  /** The first tab has a SharedWorker, the second reaches it over the hub. */
  async function mixed() {
    house = createHouse()
    const { tab: having } = await openOnline(house, 1, {})
    house.state.refusesSharedWorkers = true
    const without = house.openTab({ onError: () => {} })
    await house.quiet()
    house.state.refusesSharedWorkers = false
    return [having, without] as const
  }

  it('[P1][P12][F2] hangs: its successor serves them too, whoever has noticed', async () => {
    const tabs = await mixed()
    house.hangWorker()
    const delivery = tabs[0].line.send('note', 1)
    await pass(8_000)
    // One that hangs cannot close its own.
    await expectOnline(tabs, 'shared-worker', 2)
    expect(house.workers).toHaveLength(2)
    await delivery.stored
  })

  it('[P1][P12][F2] hangs: a tab that has no other leads, and the line is where all others look', async () => {
    const [having, without] = await mixed()
    having.kill()
    await house.quiet()
    house.hangWorker()
    const delivery = without.line.send('note', 1)
    await pass(8_000)
    await expectOnline([without], 'leader-tab', 2)
    await delivery.stored
    const next = house.openTab()
    await pass(250)
    await expectOnline([without, next], 'shared-worker', 2)
  })

  it('[P1][F8] leaves them to a later version of it', async () => {
    const [having, without] = await mixed()
    const later = { version: { ...VERSION, release: VERSION.release + 1 }, worker: '/later.js' }
    house.publish(later)
    house.load(later)
    const next = house.openTab()
    await house.quiet()
    having.kill()
    without.kill()
    await pass(250)
    house.state.refusesSharedWorkers = true
    const late = house.openTab({ onError: () => {} })
    await pass(500)
    await expectOnline([next, late], 'shared-worker')
  })

  it('[P1][P12][F5] is silent in one tab while another leads: that tab follows, and accuses nobody', async () => {
    const tabs = await online(1)
    Object.assign(house.state, { hasSharedWorker: true, isWorkerSlow: true })
    const told: PartylineError[] = []
    const waiting = house.openTab({ onError: (error) => told.push(error) })
    await pass(15_500)
    const both = [...tabs, waiting]
    for (const { line } of both) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 2, host: 'leader-tab' })
    }
    expect(told).toMatchObject([{ code: 'no-shared-worker', details: { why: 'silent' } }])
    expect(house.server.connections).toHaveLength(1)
    house.workerStarts()
    await pass(500)
    await expectOnline(both, 'shared-worker')
    expect(running(both)).toBe(0)
  })
})
