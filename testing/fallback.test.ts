/** Tabs without a SharedWorker: one of them leads, and the line goes on whoever that is. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectOptions } from '../page-client/api.js'
import type { PartylineError } from '../protocol/errors.js'
import { createHouse, type HouseTab } from './house.js'
import { newsEvents as events, openOnline } from './news.js'

let house: ReturnType<typeof createHouse>
afterEach(() => house.close())

/** Tabs of a browser without SharedWorker; the first one leads. */
async function online(tabs: number, options: Partial<ConnectOptions> = {}) {
  house = createHouse()
  house.state.hasSharedWorker = false
  return (await openOnline(house, tabs, options)).tabs as readonly [HouseTab, ...HouseTab[]]
}

const leaders = (tabs: readonly HouseTab[]): readonly number[] =>
  tabs.flatMap(({ workers }, i) => (workers.size ? [i] : []))

function follow({ line }: HouseTab): number[] {
  const seen: number[] = []
  line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
  return seen
}

const from = (id: number) =>
  ({ channel: 'news', state: 'ok', epoch: 'e1', id: String(id) }) as never

describe('a leader tab', () => {
  it('[P1][F4][G47] serves all tabs that open at once over one socket, itself like the others', async () => {
    const tabs = await online(4)
    expect(house.server.connections).toHaveLength(1)
    expect(leaders(tabs)).toHaveLength(1)
    for (const { line, errors } of tabs) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 4, host: 'leader-tab' })
      expect(errors).toEqual([])
    }
  })

  it('[P6] gives every event to every tab once and in order', async () => {
    const tabs = await online(3)
    const seen = tabs.map(follow)
    await house.quiet()
    await house.server.latest.say(['subscribed', from(0)], ['events', events(1, 5)])
    await house.quiet()
    expect(seen).toEqual(Array(3).fill([1, 2, 3, 4, 5]))
  })

  it('[P2] stores on disk what any tab sends', async () => {
    const [, other] = await online(2)
    const delivery = (other as HouseTab).line.send('note', 1)
    await house.quiet()
    await delivery.stored
    expect([...house.disk.operations.keys()]).toEqual([delivery.key])
  })

  it('[P12][F11] is waited for without an error, however long it lives', async () => {
    const tabs = await online(3, { onError: () => expect.unreachable() })
    await house.advance(600_000)
    for (const { errors } of tabs) expect(errors).toEqual([])
    expect(leaders(tabs)).toHaveLength(1)
  })

  it('[P12] forgets a tab that was killed, and its port with it', async () => {
    const tabs = await online(3)
    ;(tabs[2] as HouseTab).kill()
    await house.quiet()
    expect(tabs[0].line.status.value.tabs).toBe(2)
  })

  for (const [how, end] of [
    ['dies', (tab: HouseTab) => tab.kill()],
    ['closes its line', (tab: HouseTab) => tab.line.close()],
    ['goes into the back/forward cache or is frozen', (tab: HouseTab) => tab.page.hidden()],
  ] as const) {
    it(`[P1][P6][P12][G48][S139] that ${how} is followed by another, which goes on from the last event`, async () => {
      const [first, ...others] = await online(3)
      const seen = others.map(follow)
      await house.quiet()
      await house.server.latest.say(['subscribed', from(0)], ['events', events(1, 3)])
      await house.quiet()
      end(first)
      await house.advance(50)
      expect(leaders([first, ...others])).toEqual([1])
      expect(house.server.open).toBe(1)
      await house.server.latest.accept()
      const [hello] = house.server.latest.bodies('hello')
      expect(hello?.channels).toEqual([{ channel: 'news', cursor: { epoch: 'e1', id: '3' } }])
      await house.server.latest.welcome()
      await house.server.latest.say(['events', events(4, 5)])
      await house.quiet()
      expect(seen).toEqual([
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5],
      ])
      for (const { line, errors } of others) {
        expect(line.status.value).toMatchObject({ state: 'online', tabs: 2 })
        expect(errors).toEqual([])
      }
    })
  }

  it('[P2][P3][F12][S130][G50] that dies leaves its queue on disk, and a send that it had not stored goes again', async () => {
    const [first, second] = (await online(2)) as unknown as [HouseTab, HouseTab]
    const stored = second.line.send('note', 1, { lane: 'a' })
    await house.quiet()
    await stored.stored
    house.state.diskMs = 1_000
    const open = second.line.send('note', 2, { lane: 'b' })
    await house.quiet()
    first.kill()
    house.state.diskMs = 0
    await house.advance(50)
    await house.server.latest.welcome()
    await house.quiet()
    await open.stored
    await house.advance(100)
    expect(house.server.latest.bodies('op').map(({ key }) => key)).toEqual([stored.key, open.key])
  })

  it('[P12][S127] that comes back from the back/forward cache follows', async () => {
    const [first, second] = (await online(2)) as unknown as [HouseTab, HouseTab]
    first.page.hidden()
    await house.advance(50)
    await house.server.latest.welcome()
    first.page.shown()
    await house.quiet()
    expect(first.line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    expect(leaders([first, second])).toEqual([1])
    expect(house.server.open).toBe(1)
  })

  it('[F13][S125][S131][G98][S138] that is hidden makes room for a tab that stays visible, once', async () => {
    const [first, second, third] = (await online(3)) as unknown as [HouseTab, HouseTab, HouseTab]
    second.page.concealed()
    first.page.concealed()
    await house.advance(9_000)
    expect(leaders([first, second, third])).toEqual([0])
    await house.advance(1_000)
    expect(leaders([first, second, third])).toEqual([2])
    expect(house.server.open).toBe(1)
    await house.server.latest.welcome()
    await house.advance(120_000)
    expect(leaders([first, second, third])).toEqual([2])
    expect(first.errors).toEqual([])
  })

  it('[F13][S131] stays where it is while somebody flips through his tabs, and while nobody looks', async () => {
    const [first, second] = (await online(2)) as unknown as [HouseTab, HouseTab]
    second.page.concealed()
    for (let i = 0; i < 20; i++) {
      const [shown, other] = i % 2 ? [first, second] : [second, first]
      other.page.concealed()
      shown.page.visible()
      await house.advance(4_000)
      expect(leaders([first, second])).toEqual([0])
    }
    second.page.concealed()
    first.page.concealed()
    await house.advance(120_000)
    expect(leaders([first, second])).toEqual([0])
  })

  it('[F13][G48][S138] is followed at once by a tab that is seen, whoever has waited longer', async () => {
    const [first, second, third] = (await online(3)) as unknown as [HouseTab, HouseTab, HouseTab]
    second.page.concealed()
    await house.quiet()
    first.kill()
    await house.advance(50)
    expect(leaders([second, third])).toEqual([1])
  })

  it('[F13] that was elected unseen makes room too', async () => {
    const [first, second, third] = (await online(3)) as unknown as [HouseTab, HouseTab, HouseTab]
    second.page.concealed()
    third.page.concealed()
    first.kill()
    await house.advance(50)
    expect(leaders([second, third])).toEqual([0])
    third.page.visible()
    await house.advance(10_000)
    expect(leaders([second, third])).toEqual([1])
  })

  it('[F13] whose worker does not answer makes room all the same', async () => {
    const [first, second] = (await online(2)) as unknown as [HouseTab, HouseTab]
    first.page.concealed()
    await house.advance(9_900)
    house.state.diskMs = 60_000
    first.line.send('note', 1)
    await house.advance(2_000)
    expect(leaders([first, second])).toEqual([0])
    await house.advance(200)
    expect(leaders([first, second])).toEqual([1])
  })

  it('[P13] signs its identity out in every tab', async () => {
    const tabs = await online(3)
    const over = tabs[1]?.line.signOut({ outbox: 'discard' })
    await house.advance(1_000)
    await over
    for (const { line } of tabs) expect(line.status.value).toMatchObject({ state: 'stopped' })
    expect(house.server.open).toBe(0)
  })
})

describe('a SharedWorker that does not work', () => {
  async function opened(options: Partial<ConnectOptions> = {}) {
    const told: PartylineError[] = []
    const tab = house.openTab({ onError: (error) => told.push(error), ...options })
    await house.quiet()
    return { tab, told }
  }

  it('[F6][S105][G53] is refused by the browser: a leader tab takes over, and the app is told why', async () => {
    house = createHouse()
    house.state.refusesSharedWorkers = true
    const { tab, told } = await opened()
    await house.server.latest.welcome()
    expect(tab.line.status.value).toMatchObject({ state: 'online', host: 'leader-tab' })
    expect(told).toMatchObject([
      { code: 'no-shared-worker', details: { why: 'refused', host: 'leader-tab' } },
    ])
    expect(told[0]?.cause).toMatchObject({ name: 'SecurityError' })
    // And on the console, where somebody looks who has not written an `onError`.
    expect(tab.errors).toMatchObject([{ code: 'no-shared-worker' }])
  })

  it('[F6][F9][S105][G53] fires an error: the same, and what was sent before arrives', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const { tab, told } = await opened()
    const delivery = tab.line.send('note', 1)
    house.state.isWorkerDeaf = false
    tab.workerErrs()
    await house.quiet()
    await delivery.stored
    expect(told).toMatchObject([{ code: 'no-shared-worker', details: { why: 'failed' } }])
    expect(house.server.connections).toHaveLength(1)
  })

  it('[F6] is reported and left at that where dedicated workers are refused too', async () => {
    house = createHouse()
    house.state.refusesSharedWorkers = true
    house.state.refusesWorkers = true
    const { tab, told } = await opened()
    expect(told.map(({ code }) => code)).toEqual(['no-shared-worker', 'worker-unreachable'])
    expect(tab.line.status.value).toMatchObject({ state: 'stopped', cause: 'fatal' })
    await house.advance(60_000)
    expect(told).toHaveLength(2)
  })

  it('[P12] a leader that cannot start its worker without a network can with one', async () => {
    house = createHouse()
    house.state.hasSharedWorker = false
    house.state.refusesWorkers = true
    const { tab } = await opened()
    expect(tab.line.status.value.state).toBe('stopped')
    house.state.refusesWorkers = false
    tab.page.online()
    await house.quiet()
    await house.server.latest.welcome()
    expect(tab.line.status.value.state).toBe('online')
  })

  it('[P12] a tab that cannot lead follows one that can', async () => {
    house = createHouse()
    house.state.hasSharedWorker = false
    house.state.refusesWorkers = true
    const { tab: unable } = await opened()
    expect(unable.line.status.value.state).toBe('stopped')
    house.state.refusesWorkers = false
    const { tab: able } = await opened()
    await house.server.latest.welcome()
    await house.quiet()
    for (const { line } of [unable, able]) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    }
  })

  it('[P1][F5][S105][G53][G54][G97][S145] comes up late: it gets the line, and with it all tabs', async () => {
    house = createHouse()
    house.state.isWorkerSlow = true
    const { tab, told } = await opened()
    const seen = follow(tab)
    await house.advance(15_000)
    await house.server.latest.welcome()
    expect(tab.line.status.value).toMatchObject({ state: 'online', host: 'leader-tab' })
    expect(told).toMatchObject([{ code: 'no-shared-worker', details: { why: 'silent' } }])
    await house.server.latest.say(['events', events(1, 2)])
    await house.quiet()
    house.workerStarts()
    await house.quiet()
    await house.advance(100)
    expect(house.server.open).toBe(1)
    expect(tab.workers.size).toBe(0)
    await house.server.latest.welcome()
    await house.server.latest.say(['events', events(3, 4)])
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 1, host: 'shared-worker' })
    expect(seen).toEqual([1, 2, 3, 4])
    // Who comes now finds the same broker on the direct way.
    const { tab: next } = await opened()
    expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    expect(house.server.connections).toHaveLength(2)
    expect(told).toHaveLength(1)
  })

  it('[P1][P12][G54] works in one tab and not in another: both share its line, until it dies', async () => {
    house = createHouse()
    house.state.refusesSharedWorkers = true
    const { tab: without } = await opened()
    await house.server.latest.welcome()
    house.state.refusesSharedWorkers = false
    const { tab: having } = await opened()
    await house.advance(100)
    await house.server.latest.welcome()
    await house.quiet()
    for (const { line } of [without, having]) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 2, host: 'shared-worker' })
    }
    expect(house.server.open).toBe(1)
    having.kill()
    house.killWorker()
    await house.advance(100)
    await house.server.latest.welcome()
    await house.quiet()
    expect(without.line.status.value).toMatchObject({ state: 'online', host: 'leader-tab' })
  })
})

describe('a page without locks', () => {
  function opened(): HouseTab {
    return house.openTab({ onError: () => {} })
  }
  async function alone(): Promise<HouseTab> {
    house = createHouse()
    house.state.hasSharedWorker = false
    house.state.hasLocks = false
    const tab = opened()
    await house.quiet()
    await house.server.latest.welcome()
    return tab
  }

  it('[G51] has a broker of its own, and says that it keeps nothing', async () => {
    const first = await alone()
    const second = opened()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    for (const { line } of [first, second]) {
      const status = { state: 'online', tabs: 1, host: 'page', storage: 'memory' }
      expect(line.status.value).toMatchObject(status)
    }
    expect(house.server.open).toBe(2)
    const { stored } = first.line.send('note', 1)
    await expect(stored).rejects.toMatchObject({ code: 'no-storage' })
    expect(house.disk.operations.size).toBe(0)
  })

  it('[P3][G52] does not send what another page has sent and not seen the end of', async () => {
    const first = await alone()
    first.line.send('note', 1)
    await house.quiet()
    const [connection] = house.server.connections
    expect(connection?.bodies('op')).toHaveLength(1)
    opened()
    await house.quiet()
    await house.server.latest.welcome()
    await house.advance(5_000)
    expect(house.server.latest).not.toBe(connection)
    expect(house.server.latest.bodies('op')).toEqual([])
  })

  it('[P2][G52] sends what a page that is gone has left in its lifeboat', async () => {
    const first = await alone()
    await house.server.latest.cut()
    const { key } = first.line.send('note', 1)
    await house.quiet()
    first.kill()
    opened()
    await house.quiet()
    await house.server.latest.welcome()
    await house.advance(1_500)
    expect(house.server.latest.bodies('op')).toMatchObject([{ key }])
  })

  it('[F14][G69] has no socket while it is in the back/forward cache, and one again when it is back', async () => {
    const tab = await alone()
    tab.page.hidden()
    // Its worker stands still with it, and runs no timer until it is back.
    await house.quiet()
    expect(house.server.open).toBe(0)
    tab.page.shown()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 1, host: 'page' })
    expect(house.server.open).toBe(1)
  })

  it('[P2][F14] keeps its socket there as long as something is queued', async () => {
    const tab = await alone()
    tab.line.send('note', 1)
    await house.quiet()
    tab.page.hidden()
    await house.quiet()
    expect(house.server.open).toBe(1)
  })

  it('[P13][F14] takes what it had queued along when it comes back and was signed out meanwhile', async () => {
    const away = await alone()
    const left = opened()
    await house.quiet()
    await house.server.latest.welcome()
    away.line.send('note', 1)
    await house.quiet()
    away.page.hidden()
    const over = left.line.signOut({ outbox: 'keep' })
    await house.advance(1_000)
    await over
    away.page.shown()
    await house.quiet()
    expect(away.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
    // Or it would go on sending, in the name of who has left.
    expect(away.workers.size).toBe(0)
  })

  it('[P13][F24] is signed out with every other page of its identity', async () => {
    const first = await alone()
    const second = opened()
    await house.quiet()
    await house.server.latest.welcome()
    const over = first.line.signOut({ outbox: 'discard' })
    await house.advance(1_000)
    await over
    for (const { line } of [first, second]) {
      expect(line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
    }
    expect(house.server.open).toBe(0)
  })
})
