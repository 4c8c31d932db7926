import { afterEach, describe, expect, it } from 'vitest'
import type { EventInfo } from '../page-client/api.js'
import { PartylineError } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import { createHouse } from './house.js'
import { newsEvents as events, openOnline } from './news.js'

type House = ReturnType<typeof createHouse>
let house: House

afterEach(() => house.close())

function online(tabs = 1, options = {}) {
  house = createHouse()
  return openOnline(house, tabs, options)
}

describe('one line', () => {
  it('[P1] is one socket for ten tabs, and its name is that of its URL and identity', async () => {
    const { tabs } = await online(10)
    expect(house.server.open).toBe(1)
    expect(house.server.connections).toHaveLength(1)
    expect(house.server.latest.url).toBe('wss://app.example/line')
    for (const { line } of tabs) {
      expect(line.status.value).toMatchObject({ state: 'online', tabs: 10, host: 'shared-worker' })
    }
  })

  it('[P1][F3][S86][S145] waits for the lock of an older worker before it opens a socket', async () => {
    house = createHouse()
    const release = await house.locks.agent().hold('partyline:["wss://app.example/line"]:line')
    const tab = house.openTab()
    await house.quiet()
    expect(house.server.connections).toHaveLength(0)
    expect(tab.line.status.value).toMatchObject({ state: 'connecting', tabs: 1 })
    release()
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
  })

  it('[P9] shows every tab the same status, with cause and time of the next attempt', async () => {
    const { tabs } = await online(3)
    await house.advance(10_000)
    await house.server.latest.cut()
    await house.quiet()
    for (const { line } of tabs) {
      expect(line.status.value).toEqual({
        state: 'reconnecting',
        attempt: 1,
        cause: 'network',
        retryAt: house.clock.wall() + 125,
        queued: 0,
        tabs: 3,
        host: 'shared-worker',
        storage: 'disk',
      })
    }
  })

  it('[P9] tells a tab only what has changed', async () => {
    house = createHouse()
    const tab = house.openTab()
    const seen: string[] = []
    tab.line.status.subscribe((status) => seen.push(JSON.stringify(status)))
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    await house.server.latest.cut()
    await house.advance(1_000)
    expect(seen.length).toBeGreaterThan(3)
    // The very first is the page's own, before it has heard of a broker.
    const heard = seen.slice(1)
    expect(heard.filter((status, i) => status === heard[i - 1])).toEqual([])
  })

  it('[P12][F14][S84] forgets a tab that was killed, closed or sent to the back/forward cache', async () => {
    const { tabs } = await online(4)
    const [killed, closed, cached, left] = tabs
    killed?.kill()
    closed?.line.close()
    cached?.page.hidden()
    await house.quiet()
    expect(left?.line.status.value.tabs).toBe(1)
    cached?.page.shown()
    await house.quiet()
    expect(left?.line.status.value.tabs).toBe(2)
  })
})

describe('events', () => {
  it('[P6] reach every subscriber of every tab once and in order', async () => {
    const { tabs } = await online(3)
    const seen = tabs.map(({ line }) => {
      const list: [number, string][] = []
      const handler = (payload: { n: number }, event: EventInfo) => list.push([payload.n, event.id])
      line.channel<{ n: number }>('news').subscribe(handler)
      return list
    })
    await house.quiet()
    const answer = { channel: 'news', state: 'ok', epoch: 'e1', id: '0' } as never
    await house.server.latest.say(['subscribed', answer])
    await house.server.latest.say(['events', events(1, 2)], ['events', events(3, 3)])
    await house.quiet()
    const expected = [1, 2, 3].map((n) => [n, String(n)])
    expect(seen).toEqual([expected, expected, expected])
  })

  it('[P6] that were missed while the line was down are asked for by the last id', async () => {
    const { tab } = await online()
    const seen: number[] = []
    tab.line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
    await house.quiet()
    const at = (id: string, state = 'ok', more = {}) =>
      ({ channel: 'news', state, epoch: 'e1', id, ...more }) as never
    await house.server.latest.say(['subscribed', at('0')], ['events', events(1, 2)])
    await house.server.latest.cut()
    await house.advance(1_000)
    await house.server.latest.accept()
    expect(house.server.latest.bodies('hello')[0]?.channels).toEqual([
      { channel: 'news', cursor: { epoch: 'e1', id: '2' } },
    ])
    await house.server.latest.welcome({ channels: [at('2', 'replay', { head: '4' })] })
    await house.server.latest.say(['events', events(3, 4)], ['events', events(5, 5)])
    await house.quiet()
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('[F40] survive handlers that throw, stop themselves or subscribe anew, and bad payloads', async () => {
    const errors: PartylineError[] = []
    const { tab } = await online(1, { onError: (error: PartylineError) => errors.push(error) })
    const channel = tab.line.channel<{ n: number }>('news')
    const seen: [who: string, n: number][] = []
    const heardBy = (name: string) => seen.filter(([who]) => who === name).map(([, n]) => n)
    channel.subscribe(() => {
      throw new Error('mine')
    })
    const once = channel.subscribe(({ n }) => {
      seen.push(['once', n])
      once.stop()
      channel.subscribe((late) => seen.push(['late', late.n]))
    })
    channel.subscribe(({ n }) => seen.push(['steady', n]))
    await house.quiet()
    const answer = { channel: 'news', state: 'ok', epoch: 'e1', id: '0' } as never
    await house.server.latest.say(['subscribed', answer])
    const broken = { ...events(1, 3) }
    broken.events = broken.events.map(([id, text], i) => [id, i === 1 ? '{not json' : text])
    await house.server.latest.say(['events', broken])
    await house.quiet()
    await house.server.latest.say(['events', events(4, 4)])
    await house.quiet()
    expect(heardBy('once')).toEqual([1])
    expect(heardBy('steady')).toEqual([1, 3, 4])
    expect(heardBy('late')).toEqual([4])
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['bad-event']))
    expect(errors.some(({ cause }) => cause instanceof Error && cause.message === 'mine')).toBe(
      true,
    )
  })

  it('[F14] go on where they stopped for a tab that comes out of the back/forward cache', async () => {
    const { tabs } = await online(2)
    const seen = tabs.map(({ line }) => {
      const list: number[] = []
      line.channel<{ n: number }>('news').subscribe(({ n }) => list.push(n))
      return list
    })
    await house.quiet()
    const answer = { channel: 'news', state: 'ok', epoch: 'e1', id: '0' } as never
    await house.server.latest.say(['subscribed', answer], ['events', events(1, 2)])
    await house.quiet()
    tabs[0]?.page.hidden()
    await house.quiet()
    await house.server.latest.say(['events', events(3, 5)])
    tabs[0]?.page.shown()
    await house.quiet()
    expect(seen).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
  })
})

describe('operations', () => {
  it('[P2][P5] are stored, sent, acknowledged with a result, and shown in every tab', async () => {
    house = createHouse()
    const [one, two] = [house.openTab(), house.openTab()]
    await house.quiet()
    const delivery = one.line.channel('news').publish({ text: 'hi' })
    await delivery.stored
    expect(house.disk.operations.size).toBe(1)
    await house.advance(50)
    expect(two.line.status.value.queued).toBe(1)
    expect(two.line.outbox.value).toMatchObject([
      {
        key: delivery.key,
        type: 'publish',
        lane: 'news',
        channel: 'news',
        payload: '{"text":"hi"}',
      },
    ])
    await house.server.latest.welcome()
    await house.quiet()
    const [op] = house.server.latest.bodies('op')
    expect(op).toMatchObject({
      key: delivery.key,
      type: 'publish',
      payload: '{"text":"hi"}',
      seq: 1,
    })
    const { lane = '', epoch = 0, seq = 0 } = op ?? {}
    await house.server.latest.say(['ack', { lane, epoch, seq, results: [[seq, '{"id":"9"}']] }])
    expect(await delivery.done).toEqual({ id: '9' })
    await house.advance(50)
    expect(two.line.outbox.value).toEqual([])
    expect(house.disk.operations.size).toBe(0)
  })

  it('[P2][F25][S86] survive the death of every tab and of the worker', async () => {
    house = createHouse()
    const first = house.openTab()
    await house.quiet()
    await first.line.send('note', { a: 1 }).stored
    first.kill()
    house.killWorker()
    house.openTab()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ type: 'note', payload: '{"a":1}' }])
  })

  it('[P5] that are refused reject with the reason, and can be retried from any tab', async () => {
    const { tabs, tab } = await online(2)
    const delivery = tab.line.send('note', 1)
    await house.quiet()
    const [op] = house.server.latest.bodies('op')
    const { lane = '', epoch = 0, seq = 0 } = op ?? {}
    await house.server.latest.say(['nack', { lane, epoch, seq, verdict: 'drop', code: 'invalid' }])
    await expect(delivery.done).rejects.toMatchObject({ code: 'rejected', retryable: false })
    await house.advance(50)
    const other = tabs[1] as (typeof tabs)[0]
    expect(other.line.outbox.value).toMatchObject([{ key: delivery.key, state: 'failed' }])
    expect(await other.line.outbox.retry(delivery.key)).toBe(true)
    await house.quiet()
    expect(house.server.latest.bodies('op')).toHaveLength(2)
    expect(await other.line.outbox.retry('nobody' as Key)).toBe(false)
  })

  it('[P14][G78] say what is wrong with them, at the call', async () => {
    const { tab } = await online()
    const circle: Record<string, unknown> = {}
    circle.self = circle
    for (const payload of [() => 1, circle, 1n, { f: () => 1 }, new Map(), Symbol('s')]) {
      expect(() => tab.line.send('note', payload)).toThrow(
        expect.objectContaining({ code: 'not-json' }),
      )
    }
    expect(() => tab.line.send('note', 1, { lanes: 'x' } as never)).toThrow(/lanes/)
    const big = tab.line.send('note', 'x'.repeat(70_000))
    await expect(big.stored).rejects.toMatchObject({
      code: 'too-large',
      details: { size: 70_002, limit: 65_536 },
    })
    await expect(big.done).rejects.toBeInstanceOf(PartylineError)
  })

  it('[P14][G76][G77] fill an outbox of a thousand, and of 16 MiB', async () => {
    const codeOf = (end: Promise<void>) =>
      end.then(
        () => 'stored',
        ({ details }) => details,
      )
    for (const [room, payload, limit] of [
      [1_000, 'x', 'operations'],
      [16, 'x'.repeat(1024 * 1024 - 2), 'bytes'],
    ] as const) {
      house = createHouse()
      const { line } = house.openTab({ onError: () => {} })
      await house.quiet()
      const ends = Array.from({ length: room + 1 }, () => line.send('note', payload).stored)
      const told = Promise.all(ends.map(codeOf))
      await house.advance(1_000)
      expect((await told).slice(0, room)).toEqual(Array(room).fill('stored'))
      expect((await told).at(-1)).toMatchObject({ limit })
      house.close()
    }
    house = createHouse()
  })

  it('[P2][F22][G1] go on in memory and say so when the disk refuses', async () => {
    const { tab } = await online()
    house.state.isDiskFull = true
    const delivery = tab.line.send('note', 1)
    await expect(delivery.stored).rejects.toMatchObject({ code: 'quota' })
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({
      storage: 'memory',
      storageError: { code: 'quota' },
    })
    const [op] = house.server.latest.bodies('op')
    const { lane = '', epoch = 0, seq = 0 } = op ?? {}
    await house.server.latest.say(['ack', { lane, epoch, seq }])
    await expect(delivery.done).resolves.toBeUndefined()
  })

  it('[P13] of a page that is refused never enter the line of another', async () => {
    house = createHouse()
    house.state.misnamesWorkers = true
    const tab = house.openTab({ identity: 'ann' })
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    const intruder = house.openTab({ identity: 'bob', onError: () => {} })
    const delivery = intruder.line.send('note', 1)
    await expect(delivery.done).rejects.toMatchObject({ code: 'bad-option' })
    await house.quiet()
    expect(house.server.latest.bodies('op')).toEqual([])
    expect(tab.line.status.value.queued).toBe(0)
    expect(house.disk.operations.size).toBe(0)
  })

  it('settle every promise when the tab leaves', async () => {
    const { tab } = await online()
    const delivery = tab.line.send('note', 1)
    tab.line.close()
    await expect(delivery.done).rejects.toMatchObject({ code: 'closed' })
    expect(() => tab.line.send('note', 1)).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})

describe('authorization', () => {
  it('[F43] asks one tab for the token, and tells it to the server in the hello', async () => {
    let asked = 0
    house = createHouse()
    const auth = () => {
      asked += 1
      return 'secret'
    }
    for (let i = 0; i < 5; i++) house.openTab({ auth })
    await house.quiet()
    await house.server.latest.accept()
    expect(house.server.latest.bodies('hello')[0]?.auth).toBe('secret')
    expect(asked).toBe(1)
  })

  it('[F43] asks once when many tabs wake without a valid token', async () => {
    let asked = 0
    house = createHouse()
    const auth = async () => {
      asked += 1
      return 'old'
    }
    const tabs = Array.from({ length: 5 }, () => house.openTab({ auth }))
    await house.quiet()
    await house.server.latest.accept()
    await house.server.latest.cut(4001)
    asked = 0
    for (const { page } of tabs) page.online()
    await house.quiet()
    expect(asked).toBe(1)
  })

  it('takes null for no token, and asks the next tab', async () => {
    house = createHouse()
    house.openTab({ auth: () => 'secret' })
    house.openTab({ auth: () => null as never })
    await house.quiet()
    await house.server.latest.accept()
    expect(house.server.latest.bodies('hello')[0]?.auth).toBe('secret')
  })

  it('stops at 4001 until there is a new token', async () => {
    house = createHouse()
    let token = 'old'
    const tab = house.openTab({ auth: () => token })
    await house.quiet()
    await house.server.latest.accept()
    await house.server.latest.cut(4001)
    await house.advance(3_600_000)
    expect(house.server.connections).toHaveLength(1)
    expect(tab.line.status.value).toMatchObject({ state: 'unauthorized', cause: 'auth' })
    tab.line.reconnect()
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
    token = 'new'
    tab.line.reconnect()
    await house.quiet()
    await house.server.latest.welcome()
    expect(house.server.latest.bodies('hello')[0]?.auth).toBe('new')
    expect(tab.line.status.value.state).toBe('online')
  })
})
