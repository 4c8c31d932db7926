/** What a broker that lived in memory brings to its disk, where the same operations may lie. */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import { brokerError } from '../../protocol/sentences.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import { unpack } from './luggage.js'
import type { Loaded } from './store.js'

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

const found = (operations: StoredOperation[], settled: Settled[] = []): Loaded => ({
  client: 'c1' as never,
  incarnation: 2,
  operations,
  settled,
  cursors: new Map(),
  unreadable: 0,
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
