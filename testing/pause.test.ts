import { afterEach, describe, expect, it } from 'vitest'
import { createHouse } from './house.js'
import { newsEvents, openOnline } from './news.js'

let house: ReturnType<typeof createHouse>

afterEach(() => house.close())

function online(tabs = 1, options = {}) {
  house = createHouse()
  return openOnline(house, tabs, options)
}

describe('a paused line', () => {
  it('[P9][S5][G60][G62] is paused in every tab by one of them, and resumed at once by another', async () => {
    const { tabs } = await online(3)
    tabs[0]?.line.pause()
    await house.quiet()
    expect(house.server.open).toBe(0)
    for (const { line } of tabs) {
      expect(line.status.value).toMatchObject({
        state: 'offline',
        cause: 'paused',
        reasons: ['user'],
      })
    }
    for (const { page } of tabs) page.online()
    tabs[1]?.line.reconnect()
    await house.quiet()
    await house.advance(3_600_000)
    expect(house.server.connections).toHaveLength(1)
    tabs[2]?.line.resume()
    await house.quiet()
    expect(house.server.connections).toHaveLength(2)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tabs[0]?.line.status.value.state).toBe('online')
  })

  it('[P2][P4] keeps what is sent, and sends it in order when it goes on', async () => {
    const { tab } = await online()
    tab.line.pause()
    await house.quiet()
    for (const n of [1, 2, 3]) void tab.line.send('note', n).stored
    await house.quiet()
    await house.advance(60_000)
    expect(tab.line.status.value.queued).toBe(3)
    expect(house.disk.operations.size).toBe(3)
    tab.line.resume()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op').map(({ payload }) => payload)).toEqual(['1', '2', '3'])
  })

  it('[P6][G61] asks by cursor for what came in meanwhile, when it goes on', async () => {
    const { tab } = await online()
    const seen: number[] = []
    tab.line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
    await house.quiet()
    const at = { channel: 'news', epoch: 'e1' as never }
    await house.server.latest.say(['subscribed', { ...at, state: 'ok', id: '0' as never }])
    await house.server.latest.say(['events', newsEvents(1, 3)])
    await house.quiet()
    tab.line.pause()
    await house.quiet()
    tab.line.resume()
    await house.quiet()
    await house.server.latest.accept()
    expect(house.server.latest.bodies('hello')).toMatchObject([
      { channels: [{ channel: 'news', cursor: { epoch: 'e1', id: '3' } }] },
    ])
    expect(seen).toEqual([1, 2, 3])
  })

  it('is paused before it ever connected, if it is said in time', async () => {
    house = createHouse()
    const tab = house.openTab()
    tab.line.pause()
    await house.advance(60_000)
    expect(house.server.connections).toHaveLength(0)
    expect(tab.line.status.value).toMatchObject({ state: 'offline', cause: 'paused' })
    tab.line.resume()
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
  })

  it('is not begun again by a tab that comes later', async () => {
    const { tab } = await online()
    tab.line.pause()
    await house.quiet()
    const late = house.openTab()
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
    expect(late.line.status.value).toMatchObject({ state: 'offline', cause: 'paused' })
  })

  it('[P12][S12][G60] stays so in the hands of the next broker', async () => {
    const { tabs } = await online(2)
    tabs[0]?.line.pause()
    await house.quiet()
    house.killWorker()
    for (const { page } of tabs) {
      page.hidden()
      page.shown()
    }
    await house.quiet()
    await house.advance(60_000)
    expect(house.server.connections).toHaveLength(1)
    tabs[1]?.line.resume()
    await house.quiet()
    expect(house.server.connections).toHaveLength(2)
  })

  it('[P12] stays so in the hands of one that takes its time', async () => {
    const { tabs } = await online(2)
    tabs[0]?.line.pause()
    await house.quiet()
    house.state.isWorkerSlow = true
    house.killWorker()
    await house.advance(1_000)
    expect(tabs[1]?.line.status.value.state).toBe('connecting')
    house.workerStarts()
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
    expect(tabs[1]?.line.status.value).toMatchObject({ state: 'offline', reasons: ['user'] })
  })

  it('[P12] is paused also when the broker that was asked was dead, and the next one has begun', async () => {
    const { tabs } = await online(2)
    tabs[1]?.page.hidden()
    house.state.isWorkerDeaf = true
    tabs[1]?.page.shown()
    await house.quiet()
    tabs[1]?.line.pause()
    await house.quiet()
    house.state.isWorkerDeaf = false
    expect(house.server.open).toBe(1)
    await house.advance(1_000)
    expect(house.server.open).toBe(0)
    expect(tabs[0]?.line.status.value).toMatchObject({ state: 'offline', reasons: ['user'] })
  })

  it('[P12] is not paused again by a tab that slept through its end', async () => {
    const { tabs } = await online(2)
    const [sleeper, other] = tabs
    other?.line.pause()
    await house.quiet()
    sleeper?.page.hidden()
    await house.quiet()
    other?.line.resume()
    await house.quiet()
    await house.server.latest.welcome()
    sleeper?.page.shown()
    await house.quiet()
    expect(house.server.open).toBe(1)
    expect(sleeper?.line.status.value.state).toBe('online')
  })

  it('[P2][S5][G60] lets what is queued go out when the last tab has left', async () => {
    const { tab } = await online()
    tab.line.pause()
    await tab.line.send('note', 1).stored
    await house.quiet()
    tab.kill()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ type: 'note', payload: '1' }])
  })

  it('[G101] stays so when the only tab is reloaded, and the worker lives on', async () => {
    const { tab } = await online()
    tab.line.pause()
    await house.quiet()
    tab.kill()
    await house.advance(1_000)
    const next = house.openTab()
    await house.quiet()
    await house.advance(60_000)
    expect(house.server.connections).toHaveLength(1)
    expect(next.line.status.value).toMatchObject({ state: 'offline', reasons: ['user'] })
  })

  it('[P13] is not the affair of a page that was refused', async () => {
    const { tab } = await online()
    house.state.misnamesWorkers = true
    house.openTab({ identity: 'ann' })
    await house.quiet()
    await house.server.latest.welcome()
    const intruder = house.openTab({ identity: 'bob', onError: () => {} })
    intruder.line.pause()
    await house.quiet()
    expect(house.server.open).toBe(2)
    expect(tab.line.status.value.state).toBe('online')
  })
})

describe('a line that nobody sees', () => {
  it('[F45] rests when the app chose so, and is back with the first tab that is seen', async () => {
    const { tabs } = await online(2, { pauseHidden: 2_000 })
    tabs[0]?.page.concealed()
    await house.quiet()
    await house.advance(10_000)
    expect(house.server.open).toBe(1)
    tabs[1]?.page.concealed()
    await house.quiet()
    await house.advance(2_000)
    expect(house.server.open).toBe(0)
    expect(tabs[0]?.line.status.value).toMatchObject({ state: 'offline', reasons: ['hidden'] })
    tabs[0]?.page.visible()
    await house.quiet()
    expect(house.server.open).toBe(1)
  })

  it('stays paused for a person who has paused it, too', async () => {
    const { tab } = await online(1, { pauseHidden: 1_000 })
    tab.line.pause()
    tab.page.concealed()
    await house.quiet()
    await house.advance(5_000)
    tab.page.visible()
    await house.quiet()
    expect(house.server.open).toBe(0)
    expect(tab.line.status.value).toMatchObject({ state: 'offline', reasons: ['user'] })
  })
})

describe('a line with an end of attempts', () => {
  it('[P9] stops with cause and error, and begins again when somebody asks', async () => {
    house = createHouse()
    const tab = house.openTab({ maxAttempts: 3 })
    await house.quiet()
    for (let i = 0; i < 3; i++) {
      await house.server.latest.cut()
      await house.advance(10_000)
    }
    expect(house.server.connections).toHaveLength(3)
    expect(tab.line.status.value).toMatchObject({
      state: 'stopped',
      cause: 'network',
      error: { code: 'exhausted', details: { attempts: 3 } },
    })
    tab.page.online()
    await house.quiet()
    await house.advance(600_000)
    expect(house.server.connections).toHaveLength(3)
    tab.line.reconnect()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value.state).toBe('online')
  })

  it('[P9][S25] begins again, with a new count, when a tab attaches', async () => {
    house = createHouse()
    const tab = house.openTab({ maxAttempts: 1 })
    await house.quiet()
    await house.server.latest.cut()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'stopped', cause: 'network' })
    house.openTab({ maxAttempts: 1 })
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({ state: 'connecting', attempt: 1 })
    expect(house.server.connections).toHaveLength(2)
  })
})
