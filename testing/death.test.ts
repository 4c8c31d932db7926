import { afterEach, describe, expect, it } from 'vitest'
import { lineName, versionName } from '../protocol/line-name.js'
import { VERSION } from '../protocol/version.js'
import { createHouse, type HouseTab } from './house.js'
import { newsEvents as events, openOnline } from './news.js'

type House = ReturnType<typeof createHouse>
let house: House
afterEach(() => house.close())

const LINE = lineName({ url: 'wss://app.example/line' })
const WORKER = versionName(LINE, VERSION)

async function online(tabs = 1, options = {}) {
  house = createHouse()
  const opened = await openOnline(house, tabs, options)
  const states = () => opened.tabs.map(({ line }) => line.status.value.state)
  return { ...opened, states }
}

/** Short steps, because what crosses a port in between takes no virtual time. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) await house.advance(Math.min(250, left))
}

/** Each tab's numbers of `news`. */
function watch(tabs: readonly HouseTab[]): number[][] {
  return tabs.map(({ line }) => {
    const seen: number[] = []
    line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
    return seen
  })
}

const answer = (id: string, state = 'ok', more = {}) =>
  ({ channel: 'news', state, epoch: 'e1', id, ...more }) as never

describe('a worker that dies', () => {
  it('[P12][F1][S97][G42] is replaced at once, without a timer, for all its tabs', async () => {
    const { tabs, states } = await online(10)
    house.killWorker()
    await house.quiet()
    expect(house.server.open).toBe(1)
    await house.server.latest.welcome()
    await house.quiet()
    expect(states()).toEqual(Array(10).fill('online'))
    expect(tabs[0]?.line.status.value.tabs).toBe(10)
    expect(house.workers).toEqual([WORKER])
  })

  it('[P6][P12][F1] leaves no hole and repeats nothing: each tab goes on from where it stands', async () => {
    const { tabs } = await online(3)
    const seen = watch(tabs)
    await house.quiet()
    await house.server.latest.say(['subscribed', answer('0')], ['events', events(1, 2)])
    await house.quiet()
    house.killWorker()
    await house.quiet()
    const replay = answer('2', 'replay', { head: '4' })
    await house.server.latest.welcome({ channels: [replay] })
    await house.server.latest.say(['events', events(3, 4)])
    await house.quiet()
    expect(seen).toEqual(Array(3).fill([1, 2, 3, 4]))
  })

  it('[P3][P12][F1] answers what was asked of it by its successor, or with a reason', async () => {
    const { tab } = await online()
    const request = tab.line.request('list').catch((error: unknown) => error)
    const delivery = tab.line.send('note', 1)
    const retried = tab.line.outbox.retryAll()
    house.killWorker()
    await house.quiet()
    expect(await request).toMatchObject({ code: expect.stringMatching(/interrupted|unsupported/) })
    await delivery.stored
    expect(await retried).toBe(0)
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ payload: '1' }])
  })

  it('[P12][F1][G43] is tried again with a new object when a connect during its death is lost', async () => {
    const { states } = await online(2)
    house.state.isWorkerDeaf = true
    house.killWorker()
    await house.quiet()
    expect(states()).toEqual(['connecting', 'connecting'])
    house.state.isWorkerDeaf = false
    await house.advance(125)
    await house.server.latest.welcome()
    await house.quiet()
    expect(states()).toEqual(['online', 'online'])
  })

  it('[P9][P12][F1][G106][S151] is not said longer by a tab whose connect is lost than by the others', async () => {
    const { tabs } = await online(3)
    house.state.lostConnects = 1
    house.killWorker()
    await house.quiet()
    await house.server.latest.welcome()
    await house.advance(25)
    for (const { line } of tabs) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 3 })
    }
    expect(house.state.lostConnects).toBe(0)
  })

  it('[P9][P12][G42] is not shown as a line that works, however soon its successor comes', async () => {
    const { states } = await online(2)
    house.state.isWorkerSlow = true
    house.killWorker()
    await house.quiet()
    expect(states()).toEqual(['connecting', 'connecting'])
    house.workerStarts()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(states()).toEqual(['online', 'online'])
  })

  it('[P9][F14] is not what a page believes in that comes out of the back/forward cache', async () => {
    const { tabs, states } = await online(2)
    tabs[1]?.page.hidden()
    house.state.isWorkerSlow = true
    house.killWorker()
    tabs[1]?.page.shown()
    await house.quiet()
    expect(states()).toEqual(['connecting', 'connecting'])
  })

  it('[P12] whenever it starts is not started again and again without a pause', async () => {
    const { states } = await online()
    let deaths = 0
    for (; deaths < 100 && house.workers.length; deaths++) {
      house.killWorker()
      await house.quiet()
    }
    expect(deaths).toBeLessThan(6)
    expect(states()).toEqual(['connecting'])
    await house.advance(250)
    expect(house.workers).toEqual([WORKER])
  })

  it('[P12][F14] is not waited for by a page in the back/forward cache', async () => {
    const { tabs } = await online(2)
    tabs[0]?.page.hidden()
    house.killWorker()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(tabs[1]?.line.status.value.tabs).toBe(1)
    tabs[0]?.page.shown()
    await house.quiet()
    expect(tabs[0]?.line.status.value).toMatchObject({ state: 'online', tabs: 2 })
  })

  it('[P12][G46] where there are no locks is found by the calls that it does not answer', async () => {
    house = createHouse()
    house.state.hasLocks = false
    const { tab } = await openOnline(house, 1, {})
    house.killWorker()
    const delivery = tab.line.send('note', 1)
    await pass(6_000)
    await delivery.stored
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value.state).toBe('online')
    expect(house.workers).toEqual([WORKER])
  })
})

describe('a worker that hangs', () => {
  it('[P1][P12][F2][S104][G44][G45] is found by a call without an answer, and loses the line, once', async () => {
    const { tab, states } = await online(5)
    house.hangWorker()
    const delivery = tab.line.send('note', 1)
    await pass(4_750)
    expect(house.workers).toEqual([WORKER])
    await pass(1_500)
    expect(house.workers).toEqual([WORKER, `${WORKER}#1`])
    await delivery.stored
    await house.server.latest.welcome()
    await house.quiet()
    // Nobody else had asked it anything.
    expect(states()).toEqual(Array(5).fill('online'))
    expect(tab.line.status.value.tabs).toBe(5)
    expect(house.server.latest.bodies('op')).toMatchObject([{ payload: '1' }])
    await pass(60_000)
    expect(house.workers).toEqual([WORKER, `${WORKER}#1`])
  })

  it('[P12][F2] is accused by all tabs at once, and replaced by one', async () => {
    const { tabs, states } = await online(4)
    house.hangWorker()
    for (const { line } of tabs) line.reconnect()
    await pass(7_000)
    expect(house.server.connections).toHaveLength(2)
    await house.server.latest.welcome()
    await house.quiet()
    expect(states()).toEqual(Array(4).fill('online'))
    expect(house.workers).toEqual([WORKER, `${WORKER}#1`])
  })

  it('[P12][F2][S103][G44] is found by a newly opened tab, which takes the others along', async () => {
    const { tab } = await online()
    house.hangWorker()
    const late = house.openTab()
    await pass(7_000)
    await pass(1_250)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    expect(late.line.status.value).toMatchObject({ state: 'online', tabs: 2 })
  })

  it('[P1][P12][F10][S112] that comes to itself writes and sends nothing, and serves nobody', async () => {
    const { tab } = await online()
    const thaw = house.hangWorker()
    tab.line.send('note', 1)
    await pass(7_000)
    await house.server.latest.welcome()
    await house.quiet()
    const sent = house.server.latest.bodies('op').length
    const { incarnation } = house.disk
    await thaw()
    await pass(5_000)
    expect(house.server.open).toBe(1)
    expect(house.disk.incarnation).toBe(incarnation)
    expect(house.server.latest.bodies('op')).toHaveLength(sent)
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
  })

  it('[P1][P12][F10][S118] just before it opens the disk does not keep its successor from writing', async () => {
    house = createHouse()
    const release = await house.locks.agent().hold(`${LINE}:line`)
    house.openTab()
    await house.quiet()
    const thaw = house.hangWorker()
    release()
    const late = house.openTab()
    await pass(9_000)
    await house.server.latest.welcome()
    await house.quiet()
    const { incarnation } = house.disk
    await thaw()
    await house.quiet()
    // It had the lock before it knew that it had lost it.
    expect(house.disk.incarnation).toBeGreaterThan(incarnation)
    const delivery = late.line.send('note', 1)
    await pass(1_000)
    await house.server.latest.welcome()
    await house.quiet()
    await delivery.stored
    expect(late.line.status.value).toMatchObject({ state: 'online', tabs: 2, storage: 'disk' })
    expect(house.server.open).toBe(1)
  })

  it('[P12][F2] is avoided by tabs that come later, and forgotten when it has gone', async () => {
    const { tab } = await online()
    house.hangWorker()
    tab.line.reconnect()
    await pass(7_000)
    const late = house.openTab()
    await house.quiet()
    expect(late.line.status.value.tabs).toBe(2)
    tab.line.close()
    late.line.close()
    await pass(20_000)
    house.endWorker(`${WORKER}#1`)
    // The hung one burns on: its name is of no use.
    const next = house.openTab()
    await house.quiet()
    expect(house.workers).toEqual([WORKER, `${WORKER}#1`])
    next.line.close()
    house.killWorker()
    house.openTab()
    await house.quiet()
    expect(house.workers).toEqual([WORKER])
  })

  it('[P12][F45] is not seen by a page that slept itself', async () => {
    const { tab } = await online()
    const thaw = house.hangWorker()
    tab.line.reconnect()
    for (let i = 0; i < 10; i++) {
      await pass(2_000)
      // The page wakes, and its timers ring late.
      house.clock.leap(60_000)
    }
    expect(house.workers).toEqual([WORKER])
    await thaw()
    await house.quiet()
  })

  it('[P1][P12][S88][S110] that only seemed to hang yields in order, and every tab follows', async () => {
    const { tabs, states } = await online(3)
    const thaw = house.hangWorker()
    tabs[0]?.line.reconnect()
    await pass(5_000)
    await thaw()
    await pass(2_000)
    expect(house.server.open).toBe(1)
    await house.server.latest.welcome()
    await house.quiet()
    expect(states()).toEqual(Array(3).fill('online'))
    expect(house.locks.held().filter((name) => name.includes(':life:'))).toHaveLength(1)
  })

  it('[P12][F2][F8][S111] makes way for the release that waits, though its judge has sent its tabs away', async () => {
    house = createHouse()
    const { tab } = await openOnline(house, 1, {})
    house.hangWorker()
    tab.line.reconnect()
    for (; house.workers.length < 2; await house.advance(250));
    const later = { version: { ...VERSION, release: VERSION.release + 1 }, worker: '/later.js' }
    house.publish(later)
    house.load(later)
    const next = house.openTab()
    await pass(5_000)
    await house.server.latest.welcome()
    await pass(5_000)
    for (const { line } of [tab, next]) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    }
    expect(house.workers).toHaveLength(3)
  })

  it('[P12][F2][G110][S161] and gets the line, because it stood in the queue, is found by who waits then', async () => {
    house = createHouse()
    const letGo = await house.locks.agent().hold(`${LINE}:line`)
    const tab = house.openTab()
    await house.quiet()
    house.hangWorker()
    tab.line.reconnect()
    // Its life is taken, and its successor waits behind it.
    await pass(8_000)
    letGo()
    await pass(1_250)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
  })

  it('[P12][F2][S108] wherever it starts is given up, instead of burning one core after another', async () => {
    const errors: unknown[] = []
    const onError = ({ code }: { code: string }) => errors.push(code)
    const { tab } = await online(1, { onError })
    for (let i = 0; i < 5; i++) {
      house.hangWorker(house.workers.at(-1))
      tab.line.reconnect()
      await pass(120_000)
    }
    expect(house.workers).toHaveLength(4)
    expect(tab.line.status.value).toMatchObject({ state: 'stopped' })
    expect(errors).toContain('worker-silent')
  })

  it('[P12][F2] is not taken for one that starts slowly', async () => {
    house = createHouse()
    house.state.isWorkerSlow = true
    const tab = house.openTab()
    await pass(14_000)
    expect(house.workers).toEqual([])
    house.workerStarts()
    await house.quiet()
    expect(house.workers).toEqual([WORKER])
    expect(tab.line.status.value).toMatchObject({ state: 'connecting', tabs: 1 })
  })
})

describe('a broker that begins anew', () => {
  it('[P12][F22] shows one life, the new one, and its tabs wait for that', async () => {
    house = createHouse()
    house.state.isDiskShut = true
    const { tab } = await openOnline(house, 1, {})
    const lives = () => house.locks.held().filter((name) => /:(life|body):/.test(name))
    const before = lives()
    house.state.isDiskShut = false
    await pass(5_000)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'online', storage: 'disk' })
    expect(lives()).toHaveLength(2)
    expect(lives().filter((name) => before.includes(name))).toEqual([])
  })
})

describe('a worker with other options', () => {
  it('[P1][F9][S106] has the line, and serves who cannot attach to it, until it is gone', async () => {
    const { tab } = await online()
    house.state.isWorkerDeaf = true
    const other = house.openTab()
    await house.quiet()
    other.workerErrs()
    house.state.isWorkerDeaf = false
    await house.quiet()
    expect(house.workers).toEqual([WORKER, `${WORKER}~`])
    for (const { line } of [tab, other]) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 2 })
    }
    expect(house.server.connections).toHaveLength(1)
    tab.kill()
    house.endWorker(WORKER)
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(other.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
    expect(house.server.open).toBe(1)
    // Who comes now goes where somebody lives.
    house.openTab()
    await house.quiet()
    expect(house.workers).toEqual([`${WORKER}~`])
    expect(other.line.status.value.tabs).toBe(2)
  })
})
