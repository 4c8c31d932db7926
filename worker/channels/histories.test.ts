import { describe, expect, it } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import { SEPARATOR } from '../../protocol/port.js'
import { at, NEWS, numbers } from '../../testing/channels-world.js'
import { heldMemory } from '../../testing/held-memory.js'
import type { History } from '../storage/store.js'
import { createHistories } from './histories.js'
import type { Run } from './progress.js'

/** Events of dense numbers, first to last, as somebody has taken them. */
const run = (first: number, last: number, payload = 'x'): Run => ({
  after: String(first - 1) as EventId,
  ids: numbers(first, last) as EventId[],
  payloads: numbers(first, last)
    .map(() => payload)
    .join(SEPARATOR),
})

const kept = (first: number, last: number, n = first) =>
  numbers(first, last).map((id, i) => ({ n: n + i, epoch: 'e1', id, payload: 'x' }))

function setUp(loaded: readonly [string, History][] = []) {
  const histories = createHistories(new Map(loaded))
  return {
    ...histories,
    see: (first: number, last: number, channel = NEWS, payload = 'x') =>
      histories.seen(channel, at(String(first - 1)), at(String(last)), run(first, last, payload)),
    ids: (channel = NEWS) => histories.recall(channel, 1_000)?.ids,
  }
}

describe('the kept events of a channel', () => {
  it('[P7] are the last so many, and the disk is told only what is new', () => {
    const { want, see, ids, changes } = setUp()
    want(NEWS, 3)
    see(1, 2)
    expect(changes()).toEqual([
      { type: 'delete-history', channel: NEWS },
      { type: 'put-history', channel: NEWS, limit: 3 },
      { type: 'put-events', channel: NEWS, events: kept(1, 2) },
    ])
    see(3, 4)
    expect(ids()).toEqual(['2', '3', '4'])
    expect(changes()).toEqual([
      { type: 'delete-events', channel: NEWS, below: 2 },
      { type: 'put-events', channel: NEWS, events: kept(3, 4) },
    ])
    expect(changes()).toEqual([])
  })

  it('of a burst are only what survives it', () => {
    const { want, see, changes } = setUp()
    want(NEWS, 2)
    changes()
    for (let i = 1; i < 100; i++) see(i, i)
    see(100, 200)
    const written = changes().flatMap((one) => (one.type === 'put-events' ? one.events : []))
    expect(written.map(({ id }) => id)).toEqual(['199', '200'])
  })

  it('are nobody’s whose channel nobody wants kept', () => {
    const { see, ids, changes } = setUp()
    see(1, 9)
    expect(ids()).toBeUndefined()
    expect(changes()).toEqual([])
  })

  it('[P6][G30] are none of those before a hole', () => {
    const { want, see, seen, ids, changes } = setUp()
    want(NEWS, 9)
    see(1, 3)
    seen(NEWS, at('3'), at('8'), run(7, 8))
    expect(ids()).toEqual(['7', '8'])
    seen(NEWS, at('8'), at('20'), undefined)
    expect(ids()).toBeUndefined()
    changes()
    seen(NEWS, at('20'), at('22', 'e2'), run(21, 22))
    expect(ids()).toEqual(['21', '22'])
    seen(NEWS, at('22', 'e2'), at('23', 'e1'), run(23, 23))
    expect(ids()).toEqual(['23'])
  })

  it('[P6] are not kept twice where a run begins before the cursor', () => {
    const { want, see, seen, ids } = setUp()
    want(NEWS, 9)
    see(1, 3)
    seen(NEWS, at('3'), at('5'), run(2, 5))
    expect(ids()).toEqual(numbers(1, 5))
  })

  it('go on from what is on the disk, by the largest number that was asked for', () => {
    const { want, see, ids, changes } = setUp([
      [NEWS, { limit: 4, events: kept(5, 7, 31) } as never as History] as const,
    ])
    expect(want(NEWS, 2)).toBe(false)
    see(8, 9)
    expect(ids()).toEqual(['6', '7', '8', '9'])
    expect(changes()).toEqual([
      { type: 'delete-events', channel: NEWS, below: 32 },
      { type: 'put-events', channel: NEWS, events: kept(8, 9, 34) },
    ])
    expect(want(NEWS, 5)).toBe(true)
    expect(changes()).toEqual([{ type: 'put-history', channel: NEWS, limit: 5 }])
  })

  it('[P2] are written whole after the disk has refused some', () => {
    const { want, see, changes, refused, snapshot } = setUp()
    want(NEWS, 3)
    see(1, 2)
    changes()
    see(3, 5)
    changes()
    refused()
    see(6, 6)
    const whole = [
      { type: 'put-history', channel: NEWS, limit: 3 },
      { type: 'put-events', channel: NEWS, events: kept(4, 6) },
    ]
    expect(snapshot()).toEqual(whole)
    expect(changes()).toEqual([{ type: 'delete-history', channel: NEWS }, ...whole])
  })

  it('[F46][G85] are at most a thousand, whatever is asked for', () => {
    const { want, snapshot } = setUp()
    for (const count of [0, -1, Number.NaN]) expect(want('other', count)).toBe(false)
    want(NEWS, 1e9)
    expect(snapshot()).toEqual([{ type: 'put-history', channel: NEWS, limit: 1_000 }])
  })
})

describe('the bounds over all channels', () => {
  it('[P14][G85] let the least recently used go, whole, and it may begin again', () => {
    const { want, see, ids, changes, snapshot, recall } = setUp()
    const channels = ['a', 'b', 'c', 'd', 'e']
    for (const channel of channels) {
      want(channel, 1_000)
      see(1, 1_000, channel)
    }
    changes()
    want('a', 1)
    want('f', 10)
    see(1, 1, 'f')
    expect(channels.filter((channel) => recall(channel, 1))).toEqual(['a', 'c', 'd', 'e'])
    expect(changes()).toContainEqual({ type: 'delete-history', channel: 'b' })
    expect(snapshot().filter((change) => 'channel' in change && change.channel === 'b')).toEqual([])
    see(1_001, 1_001, 'b')
    expect(ids('b')).toEqual(['1001'])
    expect(changes()).toEqual([
      { type: 'delete-history', channel: 'b' },
      { type: 'put-history', channel: 'b', limit: 1_000 },
      { type: 'put-events', channel: 'b', events: kept(1_001, 1_001) },
    ])
  })

  it('[P14] hold no more than themselves of the bursts that they came in', () => {
    const { want, see } = setUp()
    const before = heldMemory()
    for (let channel = 0; channel < 100; channel++) {
      want(`c${channel}`, 1)
      see(1, 1_000, `c${channel}`, 'x'.repeat(1_000))
    }
    expect((heldMemory() - before) / 1e6).toBeLessThan(10)
  })

  it('[P14][G85] count characters, and one channel alone keeps what fits', () => {
    const { want, see, ids, recall } = setUp()
    want('quiet', 9)
    want(NEWS, 9)
    see(1, 1, 'quiet')
    const third = 'x'.repeat((4 * 1024 * 1024) / 3)
    see(1, 5, NEWS, third)
    expect(ids()).toEqual(['4', '5'])
    expect(recall('quiet', 1)).toBeDefined()
    see(6, 6, NEWS, 'x'.repeat(4 * 1024 * 1024 + 1))
    expect(ids()).toBeUndefined()
    see(7, 7)
    expect(ids()).toEqual(['7'])
  })
})
