import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import type { NewOperation } from '../protocol/port.js'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createMemoryBoats } from '../testing/memory-boat.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createDeliveries } from './deliveries.js'
import { createLifeboat } from './lifeboat.js'

const operation = (key: string, more: Partial<NewOperation> = {}): NewOperation => ({
  key: key as Key,
  lane: 'note',
  type: 'note',
  ...more,
})

function setUp(state: { broker?: FakeBroker; isExposed?: boolean } = {}) {
  const clock = createVirtualClock()
  const boats = createMemoryBoats()
  const errors: ErrorInfo[] = []
  const lifeboat = createLifeboat({
    environment: { boat: boats.page(() => {}), wall: clock.wall },
    lineName: 'l',
    isGivenUp: () => false,
    onError: (error) => errors.push(error),
  })
  const deliveries = createDeliveries({
    now: clock.now,
    lifeboat,
    broker: () => state.broker?.remote,
    isExposed: () => state.isExposed ?? !state.broker,
  })
  /** A broker appears, or another one. */
  const attach = (): FakeBroker => {
    const broker = createFakeBroker()
    state.broker = broker
    deliveries.handOver(broker.remote)
    return broker
  }
  const aboard = () => lifeboat.aboard().map(({ key }) => key)
  return { clock, boats, errors, deliveries, lifeboat, state, attach, aboard }
}

const outcomeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const pending = Symbol('pending')
  return Promise.race([promise, settled().then(() => pending)]).then(
    (value) => (value === pending ? 'pending' : { value }),
    (error) => error.code,
  )
}

const acked = (key: string, result?: string) =>
  ({ key: key as Key, outcome: 'acked', ...(result && { result }) }) as const
const rejected = (key: string) =>
  ({ key: key as Key, outcome: 'rejected', error: errorOf('rejected') }) as const

describe('a delivery', () => {
  it('[P5] settles once, by the first that is known of it', async () => {
    const { deliveries, attach } = setUp()
    const broker = attach()
    const [one, two, three] = ['a', 'b', 'c'].map((key) => deliveries.add(operation(key)))
    await broker.answer('a')
    expect(await outcomeOf(one?.stored as Promise<void>)).toEqual({ value: undefined })
    expect(await outcomeOf(one?.done as Promise<void>)).toBe('pending')
    deliveries.settle(acked('a', '{"n":1}'))
    deliveries.settle(rejected('a'))
    expect(await one?.done).toEqual({ n: 1 })
    deliveries.settle(rejected('b'))
    await broker.answer('b')
    expect(await outcomeOf(two?.stored as Promise<void>)).toBe('rejected')
    await broker.answer('c', errorOf('outbox-full'))
    expect(await outcomeOf(three?.done as Promise<void>)).toBe('outbox-full')
  })

  it('[P3] of a key that is known is the same delivery', async () => {
    const { deliveries, attach } = setUp()
    const broker = attach()
    const [one, two] = [deliveries.add(operation('a')), deliveries.add(operation('a'))]
    expect(broker.sent).toHaveLength(1)
    deliveries.settle(acked('a', '7'))
    expect(await Promise.all([one.done, two.done])).toEqual([7, 7])
  })

  it('[P3] of a key that has ended asks the broker, and is not touched by late answers', async () => {
    const { deliveries, attach } = setUp()
    const broker = attach()
    deliveries.add(operation('a'))
    deliveries.settle(acked('a'))
    const second = deliveries.add(operation('a'))
    expect(broker.sent).toHaveLength(2)
    deliveries.settle(acked('a', '7'))
    expect(await second.done).toBe(7)
  })

  it('[P4][P12] is handed over again, in order, to a broker that is another', async () => {
    const { deliveries, attach } = setUp()
    const first = attach()
    for (const key of ['a', 'b', 'c']) deliveries.add(operation(key))
    expect(first.sent).toEqual(['a', 'b', 'c'].map((key) => operation(key)))
    deliveries.settle(acked('b'))
    expect(attach().sent).toEqual(['a', 'c'].map((key) => operation(key, { again: true })))
  })
})

describe('the life of a delivery', () => {
  it('is counted while it waits here, by the monotonic clock', async () => {
    const { deliveries, attach, clock } = setUp()
    deliveries.add(operation('a', { ttl: 1_000 }))
    await clock.advance(400)
    clock.jumpWall(1_000_000)
    const ttls = () => attach().sent.map(({ ttl }) => ttl)
    expect(ttls()).toEqual([600])
    await clock.advance(100)
    expect(ttls()).toEqual([500])
  })

  it("[P5] that is over before anybody was there is the broker's to end", async () => {
    const { deliveries, attach, clock } = setUp()
    const delivery = deliveries.add(operation('a', { ttl: 1_000 }))
    await clock.advance(2_000)
    expect(await outcomeOf(delivery.done)).toBe('pending')
    expect(attach().sent).toMatchObject([{ ttl: 0 }])
  })
})

describe('what is not safe yet', () => {
  it('[P2] is in the lifeboat at once while nobody has answered, until it is stored', async () => {
    const { deliveries, attach, aboard, state } = setUp()
    deliveries.add(operation('a'))
    deliveries.add(operation('b'))
    expect(aboard()).toEqual(['a', 'b'])
    state.isExposed = false
    const broker = attach()
    expect(broker.sent).toEqual(['a', 'b'].map((key) => operation(key)))
    await broker.answer('a')
    expect(aboard()).toEqual(['b'])
    deliveries.settle(acked('b'))
    expect(aboard()).toEqual([])
  })

  it('[P3][P5] is handed over as known once another page has taken it out of the lifeboat', () => {
    const { deliveries, attach, boats } = setUp()
    for (const key of ['a', 'b']) deliveries.add(operation(key))
    boats.items.delete('l:boat:a')
    expect(attach().sent).toEqual([operation('a', { again: true }), operation('b')])
  })

  it('[P2][G4] is written before it is posted, in the order in which it was sent', async () => {
    const { deliveries, attach, aboard } = setUp({ isExposed: false })
    const broker = attach()
    for (const key of ['c', 'a', 'b']) deliveries.add(operation(key, { ttl: 500 }))
    expect(aboard()).toEqual(['c', 'a', 'b'])
    await broker.answer('a')
    expect(aboard()).toEqual(['c', 'b'])
  })

  it('[P14][G6][G82] and does not fit is told of only when the page may go', () => {
    const { deliveries, attach, aboard, errors } = setUp({ isExposed: false })
    attach()
    deliveries.add(operation('large', { payload: 'x'.repeat(2 * 1024 * 1024) }))
    expect(aboard()).toEqual([])
    expect(errors).toEqual([])
    deliveries.board()
    deliveries.board()
    expect(errors).toMatchObject([{ code: 'no-lifeboat', details: { key: 'large' } }])
  })

  it('[P2] writes the life that is left, not the one that it was given', async () => {
    const { deliveries, attach, lifeboat, clock } = setUp({ isExposed: false })
    attach()
    deliveries.add(operation('a', { ttl: 500 }))
    await clock.advance(100)
    expect(lifeboat.aboard()).toMatchObject([{ ttl: 400 }])
  })

  for (const code of ['no-storage', 'quota'] as const) {
    it(`[P2][F22] stays in the lifeboat until it has ended where there is ${code}`, async () => {
      const { deliveries, attach, aboard } = setUp({ isExposed: false })
      const broker = attach()
      const delivery = deliveries.add(operation('a'))
      await broker.answer('a', errorOf(code))
      expect(await outcomeOf(delivery.stored)).toBe(code)
      expect(await outcomeOf(delivery.done)).toBe('pending')
      expect(aboard()).toEqual(['a'])
      deliveries.settle(acked('a'))
      expect(aboard()).toEqual([])
    })
  }

  it('is in the lifeboat again when a later broker has lost its disk', async () => {
    const { deliveries, attach, aboard } = setUp()
    deliveries.add(operation('a'))
    await attach().answer('a')
    expect(aboard()).toEqual([])
    await attach().answer('a', errorOf('no-storage'))
    expect(aboard()).toEqual(['a'])
  })

  it('[P5] leaves the lifeboat with its sender told, and stays if only the tab has left', async () => {
    const { deliveries, aboard } = setUp()
    const one = deliveries.add(operation('a'))
    deliveries.failAll(errorOf('worker-silent'))
    expect([await outcomeOf(one.done), aboard()]).toEqual(['worker-silent', []])
    const two = deliveries.add(operation('b'))
    deliveries.failAll(errorOf('closed'))
    expect([await outcomeOf(two.done), aboard()]).toEqual(['closed', ['b']])
  })
})

describe('a delivery that is withdrawn', () => {
  it('before it began sends nothing', async () => {
    const { deliveries, attach, aboard } = setUp()
    const delivery = deliveries.add(operation('a'), AbortSignal.abort())
    await expect(delivery.done).rejects.toMatchObject({
      code: 'discarded',
      details: { by: 'user' },
    })
    expect(await outcomeOf(delivery.stored)).toBe('discarded')
    expect(aboard()).toEqual([])
    expect(attach().sent).toEqual([])
  })

  it('[P5] before anybody was there ends here, also if another page has taken it up', async () => {
    const { deliveries, attach, aboard } = setUp()
    const controller = new AbortController()
    const delivery = deliveries.add(operation('a'), controller.signal)
    controller.abort()
    expect(await outcomeOf(delivery.done)).toBe('discarded')
    expect(aboard()).toEqual([])
    const broker = attach()
    expect([broker.sent, broker.discarded]).toEqual([[], ['a']])
    // Until one has answered.
    expect(attach().discarded).toEqual(['a'])
    await settled()
    expect(attach().discarded).toEqual([])
  })

  it("[P5] is the broker's to end once another page has taken it out of the lifeboat", async () => {
    const { deliveries, attach, boats } = setUp()
    const delivery = deliveries.add(operation('a'))
    boats.items.clear()
    void deliveries.withdraw('a' as Key)
    expect(await outcomeOf(delivery.done)).toBe('pending')
    const broker = attach()
    expect(broker.sent).toEqual([operation('a', { again: true, ttl: 0 })])
    expect(broker.discarded).toEqual(['a'])
    deliveries.settle(acked('a', '7'))
    expect(await delivery.done).toBe(7)
  })

  it("[P5] later is the broker's to end, whichever broker comes to know it", async () => {
    const { deliveries, attach, state } = setUp()
    const first = attach()
    const controller = new AbortController()
    const delivery = deliveries.add(operation('a'), controller.signal)
    controller.abort()
    expect(first.discarded).toEqual(['a'])
    expect(await outcomeOf(delivery.done)).toBe('pending')
    delete state.broker
    expect(await deliveries.withdraw('a' as Key)).toBe(true)
    const second = attach()
    expect(second.sent).toMatchObject([{ key: 'a', again: true }])
    expect(second.discarded).toEqual(['a'])
  })

  it('[P5] is not left for the next page, which would send it', async () => {
    const { deliveries, attach, aboard, state } = setUp({ isExposed: true })
    attach()
    deliveries.add(operation('a'))
    expect(aboard()).toEqual(['a'])
    void deliveries.withdraw('a' as Key)
    expect(aboard()).toEqual([])
    deliveries.board()
    expect(aboard()).toEqual([])
    delete state.broker
    const next = attach()
    // Who does not know it does not begin it.
    expect(next.sent).toMatchObject([{ key: 'a', again: true, ttl: 0 }])
    expect(next.discarded).toEqual(['a'])
  })

  it('[P5] and that nobody had ends as discarded, not as what kept it from being begun', async () => {
    const { deliveries, attach } = setUp()
    attach()
    const delivery = deliveries.add(operation('a'))
    void deliveries.withdraw('a' as Key)
    attach()
    deliveries.settle({ key: 'a' as Key, outcome: 'expired', error: errorOf('expired') })
    expect(await outcomeOf(delivery.done)).toBe('discarded')
  })

  it('[P5] and sent once more under the same key before anybody was there is sent', async () => {
    const { deliveries, attach } = setUp()
    const controller = new AbortController()
    deliveries.add(operation('a'), controller.signal)
    controller.abort()
    deliveries.add(operation('a'))
    const broker = attach()
    expect([broker.sent.length, broker.discarded]).toEqual([1, []])
  })

  it('[P5] and what failed because no broker answered does not take effect later', async () => {
    const { deliveries, attach } = setUp()
    const silent = attach()
    for (const key of ['a', 'b']) deliveries.add(operation(key))
    await silent.answer('b')
    deliveries.failAll(errorOf('worker-silent'))
    // That one is safe, and whoever sent it was told so.
    expect(attach().discarded).toEqual(['a'])
  })

  it('[P2] but what this tab has only left goes on', async () => {
    for (const code of ['closed', 'signed-out'] as const) {
      const { deliveries, attach } = setUp()
      attach()
      deliveries.add(operation('a'))
      deliveries.failAll(errorOf(code))
      expect(attach().discarded).toEqual([])
    }
  })

  it('by key asks the broker of what is not ours, and nobody where nobody is', async () => {
    const { deliveries, attach } = setUp()
    expect(await deliveries.withdraw('x' as Key)).toBe(false)
    const broker = attach()
    expect(await deliveries.withdraw('x' as Key)).toBe(true)
    expect(broker.discarded).toEqual(['x'])
  })

  it('leaves no listener behind', async () => {
    const { deliveries, attach } = setUp()
    const broker = attach()
    const listeners = new Set<unknown>()
    const signal = {
      aborted: false,
      addEventListener: (_: string, run: unknown) => listeners.add(run),
      removeEventListener: (_: string, run: unknown) => listeners.delete(run),
    } as unknown as AbortSignal
    deliveries.add(operation('a'), signal)
    deliveries.add(operation('a'), signal)
    deliveries.add(operation('b'), signal)
    deliveries.add(operation('c'), signal)
    expect(listeners.size).toBe(4)
    deliveries.settle(acked('a'))
    await broker.answer('b', errorOf('too-large'))
    expect(listeners.size).toBe(1)
    deliveries.failAll(errorOf('closed'))
    expect(listeners.size).toBe(0)
  })
})
