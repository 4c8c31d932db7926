/** What a broker that lived in memory brings to its disk, where the same operations may lie. */
import { describe, expect, it } from 'vitest'
import type { Cursor, Key } from '../../protocol/ids.js'
import { brokerError } from '../../protocol/sentences.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import { unpack } from './luggage.js'
import type { Change, KeptEvent, Loaded } from './store.js'
import { consumer, cursor, kept, parked } from './store-contract-bed.js'

const operation = (key: string, n: number, more = {}): StoredOperation => ({
  key: key as Key,
  lane: 'a',
  type: 'note',
  n,
  createdAt: 0,
  ...more,
})

const acked = (key: string, n: number): Settled => ({
  key: key as Key,
  n,
  at: 0,
  outcome: { key: key as Key, outcome: 'acked' },
})

const failed = { outcome: 'rejected', error: brokerError('rejected', { reason: 'no' }), at: 0 }

const found = (
  operations: StoredOperation[],
  settled: Settled[] = [],
  rest: Partial<Loaded> = {},
): Loaded => ({
  client: 'c1' as never,
  incarnation: 2,
  operations,
  settled,
  cursors: new Map(),
  histories: new Map(),
  consumers: [],
  parked: [],
  unreadable: 0,
  ...rest,
})

describe('the luggage of a broker that lived in memory', () => {
  it('[P3][F22] ends what lies queued on the disk and has taken effect meanwhile', () => {
    const disk = found([operation('k1', 1), operation('k2', 2)])
    const { loaded, changes } = unpack(disk, [{ type: 'put-settled', settled: acked('k1', 1) }])
    expect(loaded.operations.map(({ key }) => key)).toEqual(['k2'])
    expect(loaded.settled).toMatchObject([{ key: 'k1' }])
    expect(changes).toEqual([
      { type: 'delete-operation', key: 'k1' },
      { type: 'put-settled', settled: acked('k1', 3) },
    ])
  })

  it('[P5][F22] gives an operation one end: that which it had in memory', () => {
    const disk = found([operation('k1', 1), operation('k2', 2)], [acked('k3', 1)])
    const { loaded, changes } = unpack(disk, [
      { type: 'put-operation', operation: operation('k1', 7, { failed }) },
      { type: 'put-settled', settled: acked('k3', 9) },
    ])
    expect(loaded.operations).toMatchObject([{ key: 'k2' }, { key: 'k1', n: 3, failed }])
    expect(loaded.settled).toMatchObject([{ key: 'k3', n: 4 }])
    expect(changes.map(({ type }) => type)).toEqual(['put-operation', 'put-settled'])
  })
})

describe('the consumers of a broker that lived in memory', () => {
  it('[P8][F22] go on from where the disk has them, so that nothing is left out', () => {
    const onDisk = consumer('board', 'x', '100')
    const isNew = consumer('board', 'y', '150')
    const { loaded, changes } = unpack(found([], [], { consumers: [onDisk] }), [
      { type: 'put-consumer', consumer: consumer('board', 'x', '160') },
      { type: 'put-consumer', consumer: isNew },
    ])
    expect(loaded.consumers).toEqual([onDisk, isNew])
    expect(changes).toEqual([{ type: 'put-consumer', consumer: isNew }])
  })

  it('[P8][P5][F22] bring along what they have parked, behind what the disk has', () => {
    const { loaded, changes } = unpack(
      found([operation('k', 9)], [], { parked: [parked('p', 3), parked('q', 12)] }),
      [
        { type: 'put-parked', parked: parked('p', 1) },
        { type: 'put-parked', parked: parked('r', 2) },
      ],
    )
    expect(loaded.parked.map(({ key, n }) => [key, n])).toEqual([
      ['q', 12],
      ['p', 13],
      ['r', 14],
    ])
    expect(changes.map(({ type }) => type)).toEqual(['put-parked', 'put-parked'])
  })
})

describe('the kept events of a broker that lived in memory', () => {
  const onDisk = (last: string, limit: number, ...events: KeptEvent[]): Loaded =>
    found([], [], {
      cursors: new Map([['board', cursor(last)]]),
      histories: new Map(events.length || limit ? [['board', { limit, events }]] : []),
    })
  const brought = (at: Cursor | undefined, limit: number, ...events: KeptEvent[]): Change[] => [
    ...(at ? [{ type: 'put-cursor', channel: 'board', cursor: at } as const] : []),
    { type: 'put-history', channel: 'board', limit },
    ...(events.length ? [{ type: 'put-events', channel: 'board', events } as const] : []),
  ]
  const numbersAndIds = ({ histories }: Loaded) =>
    histories.get('board')?.events.map(({ n, id }) => [n, id])

  it('[P6][F22] take the place of those on the disk, whose cursor has moved', () => {
    const disk = onDisk('2', 5, kept(7, '1'), kept(8, '2'))
    const { loaded, changes } = unpack(disk, brought(cursor('9'), 2, kept(1, '8'), kept(2, '9')))
    expect(numbersAndIds(loaded)).toEqual([
      [9, '8'],
      [10, '9'],
    ])
    // Whoever wanted five is there again some day.
    expect(loaded.histories.get('board')?.limit).toBe(5)
    expect(changes.map(({ type }) => type)).toEqual(['put-cursor', 'delete-events', 'put-events'])
  })

  it('[P6][F22] leave none where memory kept none and the cursor has moved', () => {
    const disk = onDisk('2', 5, kept(7, '1'), kept(8, '2'))
    const { loaded, changes } = unpack(disk, brought(cursor('9'), 0).slice(0, 1))
    expect(loaded.histories.get('board')).toEqual({ limit: 5, events: [] })
    expect(changes).toContainEqual({ type: 'delete-events', channel: 'board', below: 9 })
  })

  it('[P7][F22] leave those on the disk alone where the channel has not moved', () => {
    const disk = onDisk('2', 5, kept(7, '1'), kept(8, '2'))
    for (const at of [cursor('2'), undefined]) {
      const { loaded, changes } = unpack(disk, brought(at, 9))
      expect(loaded.histories.get('board')).toEqual({
        limit: 9,
        events: [kept(7, '1'), kept(8, '2')],
      })
      expect(changes.filter(({ type }) => type !== 'put-cursor')).toEqual([
        { type: 'put-history', channel: 'board', limit: 9 },
      ])
    }
  })

  it('[P7][F22] are all there is where the disk had none', () => {
    const { loaded, changes } = unpack(onDisk('2', 0), brought(cursor('2'), 5, kept(4, '2')))
    expect(loaded.histories.get('board')).toMatchObject({ limit: 5, events: [{ n: 1, id: '2' }] })
    expect(changes).not.toContainEqual(expect.objectContaining({ type: 'delete-events' }))
  })
})
