/**
 * Owns what every store must do with records (P2): what is committed is there for the next broker,
 * whole, in order, and nothing else is.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'
import {
  acked,
  assertEqual,
  cursor,
  failureOf,
  keysOf,
  operation,
  type StoreCase,
} from './store-contract-bed.js'

export const recordCases: readonly StoreCase[] = [
  {
    title: 'an empty database has a client, an incarnation and nothing else',
    async run({ open }) {
      const store = await open()
      assertEqual(store.loaded.incarnation, 1, 'incarnation')
      assertEqual(store.loaded.operations, [], 'operations')
      assertEqual(store.loaded.settled, [], 'settled')
      assertEqual([...store.loaded.cursors], [], 'cursors')
      assertEqual([...store.loaded.histories], [], 'histories')
      assertEqual(store.loaded.consumers, [], 'consumers')
      assertEqual(store.loaded.parked, [], 'parked')
      assertEqual(store.loaded.unreadable, 0, 'unreadable')
      assertEqual(store.loaded.client.length > 0, true, 'client')
      store.close()
    },
  },
  {
    title: 'operations come back in the order in which they were sent',
    async run({ open }) {
      const store = await open()
      await store.commit([
        { type: 'put-operation', operation: operation('z', 1) },
        { type: 'put-operation', operation: operation('a', 2) },
      ])
      await store.commit([{ type: 'put-operation', operation: operation('m', 3) }])
      store.close()
      const again = await open()
      assertEqual(keysOf(again.loaded.operations), ['z', 'a', 'm'], 'keys')
      assertEqual(again.loaded.operations[0], operation('z', 1), 'an operation')
      again.close()
    },
  },
  {
    title: 'everything that is known of an operation comes back',
    async run({ open }) {
      const full: StoredOperation = {
        ...operation('k', 1),
        channel: 'board',
        priority: 2,
        maxAttempts: 5,
        life: { left: 10, at: 20 },
        number: { epoch: 2 ** 33, seq: 1 },
        sentAt: 30,
        attempts: 5,
        withdrawn: 'exhausted',
        failed: {
          outcome: 'expired',
          error: { code: 'expired', details: {}, message: 'too late' },
          at: 40,
        },
      }
      const store = await open()
      await store.commit([{ type: 'put-operation', operation: full }])
      store.close()
      const again = await open()
      assertEqual(again.loaded.operations, [full], 'operations')
      again.close()
    },
  },
  {
    title: 'the last change of a batch wins, and what is deleted stays away',
    async run({ open }) {
      const store = await open()
      const numbered = { ...operation('k', 1), number: { epoch: 2 ** 33, seq: 1 } }
      await store.commit([
        { type: 'put-operation', operation: operation('k', 1) },
        { type: 'put-operation', operation: numbered },
        { type: 'put-operation', operation: operation('gone', 2) },
        { type: 'delete-operation', key: 'gone' },
        { type: 'delete-operation', key: 'never there' },
      ])
      store.close()
      const again = await open()
      assertEqual(again.loaded.operations, [numbered], 'operations')
      again.close()
    },
  },
  {
    title: 'a batch of which one change cannot be stored is not stored at all',
    async run({ open }) {
      const store = await open()
      const odd = { ...operation('odd', 2), payload: () => {} } as unknown as StoredOperation
      const failure = await failureOf(
        store.commit([
          { type: 'put-operation', operation: operation('k', 1) },
          { type: 'put-operation', operation: odd },
        ]),
      )
      assertEqual(failure instanceof Error, true, 'a failure')
      store.close()
      const again = await open()
      assertEqual(again.loaded.operations, [], 'operations')
      again.close()
    },
  },
  {
    title: 'outcomes come back in the order in which they were settled',
    async run({ open }) {
      const store = await open()
      await store.commit([
        { type: 'put-settled', settled: acked('z', 1) },
        { type: 'put-settled', settled: acked('old', 2) },
        { type: 'put-settled', settled: acked('a', 3) },
      ])
      await store.commit([{ type: 'delete-settled', key: 'old' }])
      store.close()
      const again = await open()
      assertEqual(again.loaded.settled, [acked('z', 1), acked('a', 3)], 'settled')
      again.close()
    },
  },
  {
    title: 'cursors are kept by channel',
    async run({ open }) {
      const store = await open()
      await store.commit([
        { type: 'put-cursor', channel: 'a', cursor: cursor('1') },
        { type: 'put-cursor', channel: 'b', cursor: cursor('7') },
      ])
      await store.commit([{ type: 'put-cursor', channel: 'a', cursor: cursor('2') }])
      store.close()
      const again = await open()
      const byName = [...again.loaded.cursors].sort(([a], [b]) => (a < b ? -1 : 1))
      assertEqual(
        byName,
        [
          ['a', cursor('2')],
          ['b', cursor('7')],
        ],
        'cursors',
      )
      again.close()
    },
  },
  {
    title: 'the position before the first event comes back, whatever it is called',
    async run({ open }) {
      const store = await open()
      const beginning = { epoch: '', id: '' } as Cursor
      await store.commit([{ type: 'put-cursor', channel: 'a', cursor: beginning }])
      store.close()
      const again = await open()
      assertEqual([...again.loaded.cursors], [['a', beginning]], 'cursors')
      assertEqual(again.loaded.unreadable, 0, 'unreadable')
      again.close()
    },
  },
  {
    title: 'a record that nobody can read is counted, stepped over and left alone',
    async run({ open, spoil }) {
      const store = await open()
      await store.commit([{ type: 'put-operation', operation: operation('k', 1) }])
      store.close()
      await spoil('operations', { key: 'odd', lane: 7 })
      for (let i = 0; i < 2; i++) {
        const { loaded, commit, close } = await open()
        assertEqual(keysOf(loaded.operations), ['k'], 'keys')
        assertEqual(loaded.unreadable, 1, 'unreadable')
        await commit([{ type: 'put-operation', operation: operation('k', 2) }])
        close()
      }
    },
  },
]
