import { afterEach, describe, expect, it } from 'vitest'
import { lineLockName, lineName } from '../protocol/line-name.js'
import { VERSION } from '../protocol/version.js'
import { createHouse } from './house.js'

type Tab = ReturnType<ReturnType<typeof createHouse>['openTab']>
const LINE = lineName({ url: 'wss://app.example/line' })
let house: ReturnType<typeof createHouse>
afterEach(() => house.close())

async function online() {
  house = createHouse()
  const tab = house.openTab()
  await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
  return tab
}

describe('a broker without a tab', () => {
  it('[G69] keeps the socket for a tab that only reloads', async () => {
    const tab = await online()
    tab.line.close()
    await house.advance(9_000)
    house.openTab()
    await house.quiet()
    // Its arrival makes the broker look whether the socket is alive.
    const [ping] = house.server.latest.bodies('ping')
    await house.server.latest.say(['pong', ping as never])
    await house.advance(15_000)
    expect(house.server.connections).toHaveLength(1)
    expect(house.server.open).toBe(1)
  })

  it('[G69] goes when nothing is queued, and begins anew for the next tab', async () => {
    const tab = await online()
    tab.line.close()
    await house.advance(10_000)
    expect(house.server.open).toBe(0)
    const next = house.openTab()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.connections).toHaveLength(2)
    expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
    expect(house.disk.incarnation).toBe(2)
  })

  describe('while its line is given back', () => {
    const rank = { ...VERSION, generation: 0 }

    async function givenBack() {
      const tab = await online()
      const words: unknown[] = []
      const others = house.openBus(LINE, (word) => words.push(word))
      house.state.diskMs = 3_000
      tab.line.send('note', 1)
      await house.quiet()
      tab.line.close()
      others.post({ kind: 'waiting', rank })
      await house.quiet()
      return { others, words }
    }

    it('[P12] serves the next tab, whoever else waits', async () => {
      const { others, words } = await givenBack()
      const next = house.openTab()
      await house.quiet()
      others.post({ kind: 'waiting', rank })
      await house.quiet()
      // Not that the line is held, which would send tabs where nobody is.
      expect(words).toEqual([])
      await house.advance(3_000)
      await house.server.latest.welcome()
      await house.advance(1_000)
      expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
      expect(house.server.open).toBe(1)
      others.close()
    })
  })

  it('[P2][G69] stays until what is queued has arrived', async () => {
    const tab = await online()
    await tab.line.send('note', 1).stored
    tab.line.close()
    await house.advance(20_000)
    expect(house.server.open).toBe(1)
    const [{ lane, epoch, seq }] = house.server.latest.bodies('op') as [never]
    await house.server.latest.say(['ack', { lane, epoch, seq }])
    await house.advance(100)
    expect(house.server.open).toBe(0)
    expect(house.disk.operations.size).toBe(0)
  })
})

describe('a broker that begins anew while its disk is slow', () => {
  it('[P12] serves its next tab, and takes no word of its own for that of another', async () => {
    const tab = await online()
    house.state.diskMs = 300
    tab.line.send('note', 1).stored.catch(() => {})
    await house.quiet()
    tab.kill()
    await house.quiet()
    const next = house.openTab()
    // Somebody finds it silent, and again when it has a new life.
    for (const _ of [1, 2]) {
      await house.quiet()
      const life = house.locks.held().find((name) => name.includes(':life:')) ?? ''
      const letGo = await house.locks.agent().steal(life)
      letGo()
    }
    await house.quiet()
    await house.advance(600)
    house.state.diskMs = 0
    await house.server.latest.welcome()
    await house.quiet()
    expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
  })
})

describe('a worker that waits for the line', () => {
  async function waiting(tabs: number) {
    house = createHouse()
    // By a service worker that is slow to let it go, for example.
    const release = await house.locks.agent().hold(lineLockName(LINE))
    const opened = Array.from({ length: tabs }, () => house.openTab())
    await house.quiet()
    return { release, tabs: opened as [Tab, ...Tab[]] }
  }

  it('[P5] withdraws what is given up meanwhile, and does not send it', async () => {
    const {
      release,
      tabs: [tab],
    } = await waiting(1)
    const controller = new AbortController()
    const delivery = tab.line.send('note', 1, { signal: controller.signal })
    const fate = delivery.done.catch((error: unknown) => error)
    await house.quiet()
    controller.abort()
    await house.quiet()
    release()
    await house.advance(2_000)
    await house.server.latest.welcome()
    await house.advance(100)
    expect(house.server.latest.bodies('op')).toEqual([])
    expect(await fate).toMatchObject({ code: 'discarded', details: { by: 'user' } })
  })

  it('[P12][P13] answers every tab that signs out meanwhile', async () => {
    const { release, tabs } = await waiting(2)
    const over = Promise.allSettled(tabs.map(({ line }) => line.signOut({ outbox: 'discard' })))
    let isOver = false
    void over.then(() => {
      isOver = true
    })
    await house.quiet()
    release()
    for (let i = 0; i < 10; i++) await house.advance(50)
    expect(isOver).toBe(true)
    expect(house.server.open).toBe(0)
  })
})
