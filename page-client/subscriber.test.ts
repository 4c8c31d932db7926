import { describe, expect, it } from 'vitest'
import type { Cursor } from '../protocol/ids.js'
import { SEPARATOR } from '../protocol/port.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { EventHandler, Snapshot, SubscribeOptions } from './api.js'
import { quietly, type Resolvers } from './resolvers.js'
import { createSubscriber, type Told } from './subscriber.js'
import type { Check } from './validators.js'

const at = (id: string, epoch = 'e1') => ({ epoch, id }) as Cursor
const position = (id: string, more = {}): Told => {
  return { kind: 'position', subscriptions: [1], cursor: at(id), ...more }
}
const gap = (id: string, epoch?: string): Told => ({
  kind: 'gap',
  subscriptions: [1],
  channel: 'news',
  reason: epoch ? 'epoch' : 'trimmed',
  cursor: at(id, epoch),
})
const events = (...ids: string[]): Told => ({
  kind: 'events',
  subscriptions: [1],
  channel: 'news',
  epoch: at('').epoch,
  ids: ids.map((id) => at(id).id),
  payloads: ids.map((id) => `"${id}"`).join(SEPARATOR),
})

interface World {
  readonly handler?: EventHandler<string>
  readonly given?: SubscribeOptions
  readonly check?: Check
  onMoved?(): void
}

function setUp({ given = {}, check = (value) => value, ...more }: World = {}) {
  const clock = createVirtualClock()
  const story: unknown[] = []
  /** How far the story had come each time that it fell silent. */
  const unheard: number[] = []
  const subscriber = createSubscriber({
    channel: 'news',
    handler: more.handler ?? ((payload: string) => story.push(payload)),
    given: { onGap: ({ reason }) => story.push(reason), ...given },
    check,
    environment: { now: clock.now, after: clock.after, random: () => 1 },
    onUnheard: () => unheard.push(story.length),
    onMoved() {
      story.push(['from', subscriber.from()])
      more.onMoved?.()
    },
    onError: ({ code, details }, cause) => story.push([code, details, (cause as Error)?.message]),
  })
  const take = (news: Told) => void subscriber.take(news)
  return { clock, subscriber, story, unheard, take }
}

function withSnapshot(from?: SubscribeOptions['from']) {
  const fetches: Resolvers<Snapshot>[] = []
  const world = setUp({
    given: {
      from,
      snapshot() {
        const fetch = quietly<Snapshot>()
        fetches.push(fetch)
        return fetch.promise
      },
      onSnapshot: (state) => world.story.push({ state }),
    },
  })
  return { ...world, fetches }
}

describe('a subscription with a snapshot', () => {
  it('[P6][G26] hears nothing until it is there, then what came after it', async () => {
    const { take, story, fetches, subscriber } = withSnapshot()
    expect(fetches).toHaveLength(0)
    take(position('3'))
    expect(fetches).toHaveLength(1)
    take(events('4', '5'))
    expect(story).toEqual([])
    expect(subscriber.cursor).toBeUndefined()
    fetches[0]?.resolve({ state: 'S4', at: at('4') })
    await settled()
    expect(story).toEqual([{ state: 'S4' }, ['from', { after: at('4') }]])
    expect(subscriber.cursor).toEqual(at('4'))
    take(position('4'))
    take(events('5'))
    expect(story.slice(2)).toEqual(['5'])
  })

  it('needs none while it goes on from where the app stands', () => {
    const { take, story, fetches } = withSnapshot({ after: '3' })
    take(position('3'))
    take(events('4'))
    expect([fetches.length, story]).toEqual([0, ['4']])
  })

  it('[P6] is told of a gap and brought back', async () => {
    const { take, story, fetches, subscriber } = withSnapshot({ after: '3' })
    take(gap('90'))
    take(events('91'))
    fetches[0]?.resolve({ state: 'S91', at: '91' })
    await settled()
    expect(story).toEqual(['trimmed', { state: 'S91' }, ['from', { after: { id: '91' } }]])
    // Of which epoch is not known before the server has said so.
    expect(subscriber.cursor).toBeUndefined()
    take(position('91'))
    expect(subscriber.cursor).toEqual(at('91'))
  })

  it('[P6][P11] fetches again, but not at once, when the snapshot is too old already', async () => {
    const { take, story, fetches, clock } = withSnapshot()
    take(position('3'))
    fetches[0]?.resolve({ state: 'S1', at: '1' })
    await settled()
    take(gap('90'))
    expect(fetches).toHaveLength(1)
    await clock.advance(1_000)
    fetches[1]?.resolve({ state: 'S90', at: '90' })
    await settled()
    take(position('90'))
    take(events('91'))
    expect(story.filter((one) => !Array.isArray(one))).toEqual([
      { state: 'S1' },
      'trimmed',
      { state: 'S90' },
      '91',
    ])
  })

  it('[P6][P11] fetches again, but not at once, when that shows only after its position', async () => {
    const { take, fetches, clock } = withSnapshot()
    take(position('3'))
    for (const waitMs of [1_000, 2_000, 4_000]) {
      fetches.at(-1)?.resolve({ state: 'S1', at: '1' })
      await settled()
      const before = fetches.length
      take(position('1'))
      // As pages tell it.
      take(gap('90'))
      await clock.advance(waitMs - 1)
      expect(fetches).toHaveLength(before)
      await clock.advance(1)
      expect(fetches).toHaveLength(before + 1)
    }
  })

  it('fetches at once when the last one has served: an event has come, or a while has passed', async () => {
    const { take, fetches, clock } = withSnapshot()
    take(position('3'))
    fetches[0]?.resolve({ state: 'S4', at: '4' })
    await settled()
    take(position('4'))
    take(events('5'))
    take(gap('90'))
    expect(fetches).toHaveLength(2)
    fetches[1]?.resolve({ state: 'S90', at: '90' })
    await settled()
    take(position('90'))
    await clock.advance(30_000)
    take(gap('180'))
    expect(fetches).toHaveLength(3)
  })

  it('[P7][G28] needs one in a browser that knows nothing of the channel', () => {
    const { take, fetches, story } = withSnapshot('last')
    take(position('3', { isFirst: true }))
    take(events('4'))
    expect([fetches.length, story]).toEqual([1, []])
    const { take: tell, fetches: none } = withSnapshot('last')
    tell(position('3'))
    expect(none).toHaveLength(0)
  })

  it('[P6] is told of no gap to where its snapshot is already', async () => {
    const { take, fetches, story } = withSnapshot()
    take(position('90', { isFirst: true }))
    fetches[0]?.resolve({ state: 'whole', at: at('3', 'e2') })
    await settled()
    const before = [...story]
    take(gap('3', 'e2'))
    expect(story).toEqual(before)
    take(gap('3', 'e3'))
    expect(story).toEqual([...before, 'epoch'])
  })

  it('[F40] fetches none when it is stopped by the gap', async () => {
    let fetches = 0
    const world = setUp({
      given: {
        from: { after: '3' },
        async snapshot() {
          fetches += 1
          return { state: 'S', at: '90' }
        },
        onSnapshot: (state) => world.story.push({ state }),
        onGap: () => world.subscriber.stop(),
      },
    })
    world.take(gap('90'))
    await settled()
    expect([fetches, world.story, world.clock.pending]).toEqual([0, [], 0])
  })

  it('[P12] asks for places that cross a port, however the app keeps them', async () => {
    const kept = new Proxy(at('3'), {})
    const { take, subscriber, fetches } = withSnapshot({ after: kept })
    expect(structuredClone(subscriber.from())).toEqual({ after: at('3') })
    take(gap('90'))
    fetches[0]?.resolve({ state: 'S', at: new Proxy(at('91'), {}) })
    await settled()
    expect(structuredClone(subscriber.from())).toEqual({ after: at('91') })
  })

  it('keeps its place with another broker while it waits', () => {
    const { take, subscriber, fetches, story } = withSnapshot()
    expect(subscriber.from()).toBe('now')
    take(position('3'))
    take(events('4'))
    expect(subscriber.from()).toEqual({ after: at('3') })
    take(gap('90'))
    take(position('90'))
    expect(fetches).toHaveLength(1)
    expect(story).toEqual([])
  })

  it('fetches none where it is denied, and one when it is let in later', async () => {
    const { take, story, fetches, clock } = withSnapshot()
    const error = { code: 'denied', details: { channel: 'news' }, message: '' } as const
    const denied: Told = { kind: 'denied', subscriptions: [1], error }
    take(denied)
    take(position('3'))
    take(denied)
    await clock.advance(60_000)
    expect(fetches).toHaveLength(1)
    take(events('4'))
    await clock.advance(1_000)
    expect(fetches).toHaveLength(2)
    expect(story).toEqual(Array(2).fill(['denied', { channel: 'news' }, undefined]))
  })

  it('[P12] waits for none when it has been stopped, also by its own handler', async () => {
    const { take, subscriber, fetches, story, clock } = withSnapshot()
    take(position('3'))
    subscriber.stop()
    fetches[0]?.resolve({ state: 'S', at: '4' })
    await settled()
    expect([story, clock.pending]).toEqual([[], 0])

    const other = setUp({
      given: {
        snapshot: async () => ({ state: 'S', at: '4' }),
        onSnapshot: () => other.subscriber.stop(),
      },
    })
    other.take(position('3'))
    await settled()
    expect(other.story).toEqual([])
  })

  it('goes on when the handler of the snapshot throws, and tells it once', async () => {
    const { take, story } = setUp({
      given: {
        snapshot: async () => ({ state: 'S', at: '4' }),
        onSnapshot() {
          throw new Error('mine')
        },
      },
    })
    take(position('3'))
    await settled()
    expect(story).toEqual([
      ['bad-event', { channel: 'news', id: '4' }, 'mine'],
      ['from', { after: { id: '4' } }],
    ])
  })

  it('tells of a snapshot that fails', async () => {
    const { take, story, fetches, subscriber } = withSnapshot()
    take(position('3'))
    fetches[0]?.reject(new Error('down'))
    await settled()
    expect(story).toEqual([['no-snapshot', { channel: 'news' }, 'down']])
    subscriber.stop()
  })
})

describe('a subscription that has no state yet', () => {
  it('[P6][P7] falls silent before the news that takes its state away is confirmed', async () => {
    const { take, unheard, subscriber, fetches, story } = withSnapshot({ after: '3' })
    take(position('3'))
    take(events('4'))
    expect([unheard, subscriber.isUnheard]).toEqual([[], false])
    take(gap('90'))
    // After its own `onGap`, which may have stopped it.
    expect([unheard, subscriber.isUnheard]).toEqual([[2], true])
    expect(story).toEqual(['4', 'trimmed'])
    take(gap('180'))
    fetches[0]?.reject(new Error('down'))
    await settled()
    expect([unheard, subscriber.isUnheard]).toEqual([[2], true])
    subscriber.stop()
  })

  it('[P7] falls silent with the first position of the channel, if it has nothing to follow on', () => {
    const { take, unheard, subscriber } = withSnapshot('last')
    expect(subscriber.isUnheard).toBe(false)
    take(position('3', { isFirst: true }))
    expect([unheard, subscriber.isUnheard]).toEqual([[0], true])
  })

  it('[P7] is silent from the beginning where it asks for what comes, and says so once', () => {
    const { take, unheard, subscriber } = withSnapshot()
    expect(subscriber.isUnheard).toBe(true)
    take(position('3'))
    expect([unheard, subscriber.isUnheard]).toEqual([[], true])
  })

  it('[P7] is heard again where the snapshot was taken, and falls silent anew', async () => {
    const { take, unheard, subscriber, fetches } = withSnapshot()
    take(position('3'))
    fetches[0]?.resolve({ state: 'S4', at: '4' })
    await settled()
    expect(subscriber.isUnheard).toBe(false)
    take(gap('90'))
    expect([unheard.length, subscriber.isUnheard]).toEqual([1, true])
    subscriber.stop()
  })

  it('[P7] stays silent where it is denied', () => {
    const { take, unheard, subscriber } = withSnapshot({ after: '3' })
    take(gap('90'))
    const error = { code: 'denied', details: { channel: 'news' }, message: '' } as const
    take({ kind: 'denied', subscriptions: [1], error })
    expect(subscriber.isUnheard).toBe(true)
    take(events('91'))
    expect([unheard.length, subscriber.isUnheard]).toEqual([1, true])
    subscriber.stop()
  })

  it('[P6] is heard through a gap where it has no snapshot', () => {
    const { take, unheard, subscriber } = setUp()
    take(gap('90'))
    expect([unheard, subscriber.isUnheard]).toEqual([[], false])
  })
})

describe('a subscription with history', () => {
  const kept = (...ids: string[]): Told => ({ ...events(...ids), isKept: true }) as Told

  it('[P7][G31] says which events are old, and goes on behind them with another broker', () => {
    const told: unknown[] = []
    const { subscriber } = setUp({
      given: { history: 2 },
      handler: (payload, { isKept, id }) => told.push([payload, isKept, id]),
    })
    expect(subscriber.from()).toBe('last')
    void subscriber.take(kept('1', '2'))
    expect(subscriber.cursor).toEqual(at('2'))
    expect(subscriber.from()).toEqual({ after: at('2') })
    void subscriber.take(position('2'))
    void subscriber.take(events('3'))
    expect(told).toEqual([
      ['1', true, '1'],
      ['2', true, '2'],
      ['3', undefined, '3'],
    ])
  })
})

describe('a subscription with a validator', () => {
  const strict: Check = (value) => {
    if (value === '2') throw new Error('not two')
    return `${value}!`
  }
  const slow: Check = async (value) => {
    if (value === '1') await settled()
    return strict(value)
  }
  const refusal = ['bad-event', { channel: 'news', id: '2' }, 'not two']

  it('[P6] tells of an event that it refuses, and goes on', () => {
    const { take, story, subscriber } = setUp({ check: strict })
    take(events('1', '2', '3'))
    expect(story).toEqual(['1!', refusal, '3!'])
    expect(subscriber.cursor).toEqual(at('3'))
  })

  it('[P6] keeps the order where it takes its time, and says when it is done', async () => {
    const { subscriber, story } = setUp({ check: slow })
    const first = subscriber.take(events('1', '2'))
    const second = subscriber.take(gap('9'))
    expect(story).toEqual([])
    expect(subscriber.cursor).toBeUndefined()
    await first
    expect(story.slice(0, 2)).toEqual(['1!', refusal])
    await second
    expect(story).toEqual(['1!', refusal, 'trimmed'])
    // Nothing is held up any more.
    expect(subscriber.take(gap('10'))).toBeUndefined()
  })

  it('[P6] drops what another broker says again', async () => {
    const { subscriber, take, story } = setUp({ check: slow })
    take(position('0'))
    take(events('1', '2', '3'))
    expect(subscriber.from()).toEqual({ after: at('0') })
    take(events('1', '2', '3'))
    await settled()
    await settled()
    await settled()
    expect(story).toEqual(['1!', refusal, '3!'])
  })

  it('hears nothing more after it has been stopped', async () => {
    const { subscriber, take, story } = setUp({ check: slow })
    take(events('1', '2'))
    subscriber.stop()
    await settled()
    await settled()
    expect(story).toEqual([])
  })
})
