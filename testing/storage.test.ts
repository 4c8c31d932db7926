/** What tabs see when the disk breaks, and when it comes back. */
import { afterEach, describe, expect, it } from 'vitest'
import type { DownBody } from '../protocol/wire/frames-down.js'
import { createHouse } from './house.js'

type House = ReturnType<typeof createHouse>
let house: House

afterEach(() => house.close())

const event = (id: number): DownBody<'events'> =>
  ({
    channel: 'news',
    epoch: 'e1',
    after: String(id - 1),
    events: [[String(id), String(id)]],
  }) as never

async function ackAll(): Promise<void> {
  const { latest } = house.server
  for (const { lane, epoch, seq } of latest.bodies('op')) {
    await latest.say(['ack', { lane, epoch, seq }])
  }
  await house.quiet()
  await house.advance(100)
}

describe('an operation that came and went between two pieces of news', () => {
  it('[P9] is not counted for ever by a tab that was told of it by chance', async () => {
    house = createHouse()
    const tab = house.openTab()
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    const delivery = tab.line.send('note', 1)
    await house.quiet()
    const late = house.openTab()
    await house.quiet()
    expect(late.line.status.value.queued).toBe(1)
    const [op] = house.server.latest.bodies('op')
    const { lane = '', epoch = 0, seq = 0 } = op ?? {}
    await house.server.latest.say(['ack', { lane, epoch, seq }])
    await delivery.done
    await house.advance(100)
    for (const one of [tab, late]) expect(one.line.status.value.queued).toBe(0)
  })
})

describe('a disk that breaks', () => {
  it('[P2][P9][F22][G1][G2] is told to every tab, and given everything when it works again', async () => {
    house = createHouse()
    const tabs = [house.openTab(), house.openTab()] as const
    await house.quiet()
    const { line } = tabs[0]
    await line.send('note', 'before').stored
    house.state.isDiskFull = true
    await expect(line.send('note', 'during').stored).rejects.toMatchObject({ code: 'quota' })
    await house.advance(100)
    for (const tab of tabs) {
      expect(tab.line.status.value).toMatchObject({
        storage: 'memory',
        storageError: { code: 'quota' },
        queued: 2,
      })
    }
    expect(house.disk.operations.size).toBe(1)

    house.state.isDiskFull = false
    await house.advance(60_000)
    for (const tab of tabs) {
      expect(tab.line.status.value.storage).toBe('disk')
      expect(tab.line.status.value.storageError).toBeUndefined()
    }
    expect([...house.disk.operations.values()].map(({ payload }) => payload)).toEqual([
      '"before"',
      '"during"',
    ])
    await expect(line.send('note', 'after').stored).resolves.toBeUndefined()
  })

  it('[P3] does not bring back what was settled meanwhile', async () => {
    house = createHouse()
    const tab = house.openTab()
    await house.quiet()
    await tab.line.send('note', 1).stored
    await house.server.latest.welcome()
    await house.quiet()
    house.state.isDiskFull = true
    await ackAll()
    expect(tab.line.status.value).toMatchObject({ storage: 'memory', queued: 0 })
    expect(house.disk.operations.size).toBe(1)
    house.state.isDiskFull = false
    await house.advance(60_000)
    expect(house.disk.operations.size).toBe(0)
  })
})

describe('a disk that does not open at first', () => {
  it('[P12][F22][G3] is moved to once it opens and nothing is queued; the tabs notice nothing', async () => {
    house = createHouse()
    house.state.isDiskShut = true
    const tab = house.openTab()
    const seen: unknown[] = []
    tab.line.channel('news').subscribe((payload) => seen.push(payload))
    await house.advance(1_000)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value).toMatchObject({
      state: 'online',
      storage: 'memory',
      storageError: { code: 'no-storage' },
    })
    await house.server.latest.say(['events', { ...event(1), after: '0' as never }])
    const delivery = tab.line.send('note', 1)
    await expect(delivery.stored).rejects.toMatchObject({ code: 'no-storage' })

    house.state.isDiskShut = false
    await house.advance(15_000)
    expect(house.server.connections).toHaveLength(1)
    expect(tab.line.status.value).toMatchObject({ storage: 'memory', queued: 1 })

    await ackAll()
    await delivery.done
    await house.advance(1_000)
    expect(house.server.connections).toHaveLength(2)
    expect(house.server.open).toBe(1)
    expect(house.server.latest.bodies('hello')).toEqual([])
    await house.server.latest.welcome()
    await house.quiet()
    const [hello] = house.server.latest.bodies('hello')
    expect(hello?.channels).toEqual([{ channel: 'news', cursor: { epoch: 'e1', id: '1' } }])
    await house.server.latest.say(['events', event(2)])
    await house.quiet()
    expect(seen).toEqual([1, 2])
    expect(tab.line.status.value).toMatchObject({ state: 'online', storage: 'disk', tabs: 1 })
    await expect(tab.line.send('note', 2).stored).resolves.toBeUndefined()
  })
})
