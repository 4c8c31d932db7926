import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { OpenBroadcast } from '../protocol/hub.js'
import type { Key } from '../protocol/ids.js'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createMemoryBoats } from '../testing/memory-boat.js'
import { createMemoryBuses } from '../testing/memory-bus.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createLifeboat } from './lifeboat.js'
import { createRescue } from './rescue.js'

const operation = (key: string, more = {}) => ({ key: key as Key, lane: 'l', type: 't', ...more })

/** One page that lives, and another that has left something behind. */
function setUp(own: readonly string[] = []) {
  const clock = createVirtualClock()
  const boats = createMemoryBoats()
  const errors: ErrorInfo[] = []
  const state: { broker?: FakeBroker } = {}
  const lifeboatOf = (heard: (name: string) => void) =>
    createLifeboat({
      environment: { boat: boats.page(heard), wall: clock.wall },
      lineName: 'line',
      isGivenUp: () => false,
      onError: (error) => errors.push(error),
    })
  const lifeboat = lifeboatOf((name) => rescue.heard(name))
  const rescue = createRescue({
    environment: { after: clock.after, random: () => 0.5, openBroadcast: null },
    lineName: 'line',
    lifeboat,
    isAlone: () => false,
    broker: () => state.broker?.remote,
    isOwn: (key) => own.includes(key),
    onError: (error) => errors.push(error),
  })
  function attach(): FakeBroker {
    const broker = createFakeBroker()
    state.broker = broker
    rescue.run(broker.remote)
    return broker
  }
  const aboard = () => lifeboat.aboard().map(({ key }) => key)
  return { clock, boats, errors, rescue, attach, aboard, other: lifeboatOf(() => {}) }
}

const keys = ({ sent }: FakeBroker) => sent.map(({ key }) => key)

describe('what another page has left', () => {
  it('[P2][P4] is handed over at every attach, in order, until it is stored', async () => {
    const { other, attach, aboard, clock } = setUp(['mine'])
    other.put(operation('b', { ttl: 500 }), true)
    other.put(operation('mine'), true)
    other.put(operation('a', { payload: '1', priority: 3, maxAttempts: 2 }), true)
    await clock.advance(100)
    const first = attach()
    expect(first.sent).toEqual([
      operation('b', { ttl: 400, again: true }),
      operation('a', { payload: '1', priority: 3, maxAttempts: 2, again: true }),
    ])
    await first.answer('b')
    expect(aboard()).toEqual(['mine', 'a'])
    const second = attach()
    expect(keys(second)).toEqual(['a'])
    await second.answer('a')
    expect(aboard()).toEqual(['mine'])
  })

  for (const code of ['no-storage', 'quota', 'signed-out'] as const) {
    it(`[P2] stays where it is when the answer is ${code}`, async () => {
      const { other, attach, aboard, errors } = setUp()
      other.put(operation('a'), true)
      await attach().answer('a', errorOf(code))
      expect([aboard(), errors]).toEqual([['a'], []])
    })
  }

  for (const code of ['too-large', 'bad-option', 'outbox-full'] as const) {
    it(`[P5][F28] is not offered for ever when it is over: ${code}`, async () => {
      const { other, attach, aboard, errors } = setUp()
      other.put(operation('a'), true)
      await attach().answer('a', errorOf(code))
      expect(aboard()).toEqual([])
      expect(errors).toMatchObject([{ code }])
    })
  }
})

describe('what another page writes while this one lives', () => {
  it('is left to it for a moment, and then taken up in one go', async () => {
    const { other, attach, aboard, clock } = setUp()
    const broker = attach()
    for (const key of ['b', 'a']) other.put(operation(key), true)
    await clock.advance(200)
    expect(broker.sent).toEqual([])
    other.put(operation('c'), true)
    await clock.advance(1_000)
    expect(keys(broker)).toEqual(['b', 'a', 'c'])
    for (const key of ['a', 'b', 'c']) await broker.answer(key)
    expect(aboard()).toEqual([])
  })

  it('costs nothing when that page has done it meanwhile', async () => {
    const { other, attach, clock } = setUp()
    const broker = attach()
    other.put(operation('a'), true)
    other.remove('a' as Key)
    await clock.advance(1_000)
    expect(broker.sent).toEqual([])
  })

  it('[P14] is handed to one broker once, however long it stays', async () => {
    const { other, attach, clock } = setUp()
    const broker = attach()
    for (const key of ['a', 'b', 'c']) {
      other.put(operation(key), true)
      await clock.advance(1_000)
      await broker.answer(key, errorOf('no-storage'))
    }
    expect(keys(broker)).toEqual(['a', 'b', 'c'])
    expect(keys(attach())).toEqual(['a', 'b', 'c'])
  })

  it('[P13] is no business of this line when it is of another', async () => {
    const { boats, attach, clock } = setUp()
    const broker = attach()
    boats.page(() => {}).setItem('line2:boat:a', '{}')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
    expect(broker.sent).toEqual([])
  })

  it('waits for the attach when there is nobody to hand it to, and ends with the page', async () => {
    const { other, attach, rescue, clock } = setUp()
    other.put(operation('a'), true)
    await clock.advance(1_000)
    expect(keys(attach())).toEqual(['a'])
    other.put(operation('b'), true)
    await clock.advance(0)
    rescue.close()
    expect(clock.pending).toBe(0)
  })
})

/** Pages that have no broker in common, and hear each other. */
function createLonelyPages() {
  const clock = createVirtualClock()
  const boats = createMemoryBoats()
  const buses = createMemoryBuses()
  const lifeboatOf = (heard: (name: string) => void) =>
    createLifeboat({
      environment: { boat: boats.page(heard), wall: clock.wall },
      lineName: 'line',
      isGivenUp: () => false,
      onError: () => {},
    })
  function openPage(lot: number, own: readonly string[] = []) {
    const broker = createFakeBroker()
    const heard: unknown[] = []
    const openBroadcast: OpenBroadcast = (name, onMessage) =>
      buses.open(name, (message) => {
        heard.push(message)
        onMessage(message)
      })
    const rescue = createRescue({
      environment: { after: clock.after, random: () => lot, openBroadcast },
      lineName: 'line',
      lifeboat: lifeboatOf((name) => rescue.heard(name)),
      isAlone: () => true,
      broker: () => broker.remote,
      isOwn: (key) => own.includes(key),
      onError: () => {},
    })
    rescue.run(broker.remote)
    return { broker, rescue, heard }
  }
  const open = (lot: number): FakeBroker => openPage(lot).broker
  return { clock, open, openPage, dead: lifeboatOf(() => {}) }
}

describe('what a page without a broker in common has left', () => {
  it('[P3][G52] is handed over by one of those that live', async () => {
    const { clock, open, dead } = createLonelyPages()
    const first = open(0.9)
    dead.put(operation('left'), true)
    await clock.advance(600)
    // The first has heard of it and asks; the next one asks as it opens.
    const next = open(0.1)
    await clock.advance(5_000)
    expect([...keys(first), ...keys(next)]).toEqual(['left'])
  })

  it('[P3] is not handed over again by who comes later, while it is still under way', async () => {
    const { clock, open, dead } = createLonelyPages()
    dead.put(operation('left'), true)
    const first = open(0.9)
    await clock.advance(2_000)
    // Where every page is alone nothing is stored, and the item stays.
    await first.answer('left', errorOf('no-storage'))
    const next = open(0.1)
    await clock.advance(2_000)
    expect([keys(first), keys(next)]).toEqual([['left'], []])
  })

  it('[F14] is not asked of a page that sleeps with nothing of its own, and it asks again when it is back', async () => {
    const { clock, openPage, dead } = createLonelyPages()
    const away = openPage(0.9)
    away.rescue.sleep()
    openPage(0.1)
    await clock.advance(2_000)
    // A message would put it out of the back/forward cache.
    expect(away.heard).toEqual([])
    dead.put(operation('left'), true)
    away.rescue.run(away.broker.remote)
    await clock.advance(5_000)
    expect(away.heard).not.toEqual([])
  })

  it('[P3] [F14] is asked of one that sleeps with something of its own: it must not come back with what another has sent', async () => {
    const { clock, openPage, dead } = createLonelyPages()
    const away = openPage(0.9, ['mine'])
    dead.put(operation('mine'), true)
    away.rescue.sleep()
    openPage(0.1)
    await clock.advance(2_000)
    expect(away.heard).not.toEqual([])
  })
})
