import { describe, expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { difference } from './difference.js'
import type { Change, Loaded } from './store.js'
import { acked, consumer, cursor, operation, parked } from './store-contract-bed.js'

const loaded = (parts: Partial<Loaded>): Loaded => ({
  client: 'c' as ClientId,
  incarnation: 1,
  operations: [],
  cursors: new Map(),
  histories: new Map(),
  consumers: [],
  parked: [],
  settled: [],
  unreadable: 0,
  ...parts,
})

const put = (key: string, n: number): Change => ({
  type: 'put-operation',
  operation: operation(key, n),
})

describe('the difference between a disk and what should be on it', () => {
  it('[P2] is nothing where both are the same', () => {
    const found = loaded({
      operations: [operation('k', 1)],
      settled: [acked('s', 1)],
      cursors: new Map([['board', cursor('7')]]),
    })
    const wanted: Change[] = [
      put('k', 1),
      { type: 'put-settled', settled: acked('s', 1) },
      { type: 'put-cursor', channel: 'board', cursor: cursor('7') },
    ]
    expect(difference(found, structuredClone(wanted))).toEqual([])
  })

  it('[P2] is everything where the disk is empty', () => {
    const wanted: Change[] = [put('k', 1), { type: 'put-settled', settled: acked('s', 1) }]
    expect(difference(loaded({}), wanted)).toEqual(wanted)
  })

  it('[F22] deletes before it puts, because a full disk has no room for both', () => {
    const found = loaded({ operations: [operation('old', 1)], settled: [acked('s', 1)] })
    expect(difference(found, [put('new', 2)])).toEqual([
      { type: 'delete-operation', key: 'old' },
      { type: 'delete-settled', key: 's' },
      put('new', 2),
    ])
  })

  it('[P2] puts what has changed, once', () => {
    const found = loaded({ operations: [operation('k', 1), operation('l', 2)] })
    expect(difference(found, [put('k', 1), put('l', 3)])).toEqual([put('l', 3)])
  })

  it('[P6] leaves the positions of channels that nobody speaks of', () => {
    const found = loaded({ cursors: new Map([['board', cursor('7')]]) })
    expect(difference(found, [])).toEqual([])
  })

  it('[P8] moves positions of consumers, and leaves those that nobody speaks of', () => {
    const found = loaded({ consumers: [consumer('a', 'x', '1'), consumer('a', 'y', '1')] })
    const moved: Change = { type: 'put-consumer', consumer: consumer('a', 'y', '2') }
    const other: Change = { type: 'put-consumer', consumer: consumer('b', 'x', '1') }
    expect(difference(found, [moved, other])).toEqual([moved, other])
    expect(
      difference(found, [{ type: 'put-consumer', consumer: consumer('a', 'x', '1') }]),
    ).toEqual([])
  })

  it('[P8] takes away what is parked no more, first', () => {
    const found = loaded({ parked: [parked('k', 1), parked('l', 2)] })
    const wanted: Change[] = [
      { type: 'put-parked', parked: parked('l', 2) },
      { type: 'put-parked', parked: parked('m', 3) },
    ]
    expect(difference(found, wanted)).toEqual([{ type: 'delete-parked', key: 'k' }, wanted[1]])
  })

  it('[P13] is the whole wish where that begins with a wipe', () => {
    const found = loaded({ operations: [operation('k', 1)] })
    const wanted: Change[] = [{ type: 'wipe' }, put('k', 1)]
    expect(difference(found, wanted)).toEqual(wanted)
  })
})
