import { describe, expect, test } from 'vitest'
import type { Epoch, EventId } from '../../protocol/ids.js'
import type { Log, Stretch } from '../log/log.js'
import { openSqliteLog } from '../log/sqlite-log.js'
import { settled } from '../virtual-environment.js'
import { type Batch, batchesOf } from './batch.js'
import { createHub } from './hub.js'
import { createRing } from './ring.js'

const stretch = (after: number, ...payloads: string[]): Stretch => ({
  channel: 'a',
  epoch: 'e' as Epoch,
  after: `${after}` as EventId,
  events: payloads.map((payload, at) => [`${after + at + 1}` as EventId, payload] as const),
})
const id = (text: string): EventId => text as EventId
const epoch = 'e' as Epoch
const LIMITS = { frameEvents: 100, frameChars: 1_000, ringEvents: 4, ringChars: 1_000 }
const openLog = (): Promise<Log> =>
  openSqliteLog({
    file: ':memory:',
    environment: { now: () => 0, turn: queueMicrotask, newEpoch: () => 'e' },
  })

describe('the ring', () => {
  test('answers what it reaches back to, and says when it does not', () => {
    const ring = createRing(stretch(5, 'a', 'b'), LIMITS)
    ring.push(stretch(7, 'c', 'd', 'f'))
    expect(ring.head).toBe('10')
    expect(ring.after(epoch, id('6'), 2)?.map(([, payload]) => payload)).toEqual(['b', 'c'])
    expect(ring.after(epoch, id('10'), 9)).toEqual([])
    expect(ring.after(epoch, id('5'), 9)).toBeUndefined()
    expect(ring.after('other' as Epoch, id('10'), 9)).toBeUndefined()
  })

  test('[P14] is bounded in events and in characters', () => {
    const ring = createRing(stretch(0), { ringEvents: 1_000, ringChars: 10 })
    for (let n = 0; n < 100; n++) ring.push(stretch(n, 'xxxx'))
    expect(ring.after(epoch, id('98'), 9)).toHaveLength(2)
    expect(ring.after(epoch, id('97'), 9)).toBeUndefined()
    ring.push(stretch(100, 'x'.repeat(11)))
    expect([ring.head, ring.after(epoch, id('101'), 9)]).toEqual(['101', []])
  })

  test('[F39] begins anew where a stretch does not join, or the epoch is another', () => {
    const ring = createRing(stretch(0, 'a', 'b'), LIMITS)
    ring.push(stretch(9, 'x'))
    expect(ring.after(epoch, id('2'), 9)).toBeUndefined()
    expect(ring.after(epoch, id('9'), 9)).toHaveLength(1)
    ring.push({ ...stretch(10, 'y'), epoch: 'f' as Epoch })
    expect([ring.after(epoch, id('10'), 9), ring.epoch]).toEqual([undefined, 'f'])
  })
})

describe('batches', () => {
  test('join without a hole, and their text is made once', () => {
    const batches = [...batchesOf(stretch(0, '1', '2', '3'), { frameEvents: 2, frameChars: 99 })]
    expect(batches.map(({ after, last }) => `${after}-${last}`)).toEqual(['0-2', '2-3'])
    expect(batches[0]?.text).toBe(
      '[["events",{"channel":"a","epoch":"e","after":"0","events":[["1","1"],["2","2"]]}]]',
    )
  })
})

describe('the hub', () => {
  test('opens a feed for the first subscriber and closes it after the last', async () => {
    const log = await openLog()
    let followers = 0
    const counting: Log = {
      ...log,
      async follow(...wanted) {
        followers += 1
        const stop = await log.follow(...wanted)
        return () => {
          followers -= 1
          stop()
        }
      },
    }
    const hub = createHub(counting, LIMITS, () => undefined)
    const [one, two] = await Promise.all([hub.lease('a'), hub.lease('a')])
    expect([one.feed === two.feed, followers]).toEqual([true, 1])
    one.end()
    one.end()
    expect(followers).toBe(1)
    two.end()
    expect([followers, hub.stats().channels]).toEqual([0, 0])
    await log.close()
  })

  test('[F38] what is appended while a feed opens is heard once', async () => {
    const log = await openLog()
    await log.append('a', '1')
    let announceEarly: (() => Promise<unknown>) | undefined
    const racing: Log = {
      ...log,
      async tail(...wanted) {
        await announceEarly?.()
        const tail = await log.tail(...wanted)
        await log.append('a', '3')
        return tail
      },
    }
    announceEarly = () => log.append('a', '2')
    const { feed } = await createHub(racing, LIMITS, () => undefined).lease('a')
    expect(feed.head.id).toBe('3')
    const page = await feed.read({ id: id('0'), epoch }, 9)
    expect(page).toMatchObject({
      state: 'events',
      events: [
        ['1', '1'],
        ['2', '2'],
        ['3', '3'],
      ],
    })
    await log.close()
  })

  test('serves catch-up from the ring, and from the log only beyond it', async () => {
    const log = await openLog()
    let reads = 0
    const counting: Log = {
      ...log,
      read(...wanted) {
        reads += 1
        return log.read(...wanted)
      },
    }
    for (let n = 1; n <= 9; n++) await log.append('a', `${n}`)
    const { feed } = await createHub(counting, LIMITS, () => undefined).lease('a')
    const heard: Batch[] = []
    feed.join((batch) => heard.push(batch))
    await log.append('a', '10')
    expect(heard.map(({ last }) => last)).toEqual(['10'])
    expect(await feed.read({ id: id('6') }, 9)).toMatchObject({ after: '6' })
    expect(reads).toBe(0)
    expect(await feed.read({ id: id('2') }, 3)).toMatchObject({ after: '2' })
    expect(reads).toBe(1)
    await log.close()
  })

  test('a feed that could not be opened is tried again by the next', async () => {
    const log = await openLog()
    let isBroken = true
    const hub = createHub(
      {
        ...log,
        tail: (...wanted) => (isBroken ? Promise.reject(new Error('gone')) : log.tail(...wanted)),
      },
      LIMITS,
      () => undefined,
    )
    await expect(hub.lease('a')).rejects.toThrow('gone')
    isBroken = false
    expect((await hub.lease('a')).feed.head.id).toBe('0')
    await settled()
    await log.close()
  })
})
