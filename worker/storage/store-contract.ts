/**
 * Owns what every store must do (P2), as cases that run against the memory twin in Node and against
 * the real IndexedDB in each browser. It throws where the contract is broken and knows no test
 * runner.
 */
import type { ClientId, Cursor, Key } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'
import { Fenced, type Store } from './store.js'

export interface StoreCase {
  readonly title: string
  /** `open` opens the same, at first empty, database again and again. */
  run(open: () => Promise<Store>): Promise<void>
}

const operation = (key: string, n: number): StoredOperation => ({
  key: key as Key,
  lane: 'a',
  type: 'note',
  payload: '{"a":1}',
  n,
  createdAt: 1,
})

const cursor = (id: string): Cursor => ({ epoch: 'e1', id }) as Cursor

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}

export const storeContract: readonly StoreCase[] = [
  {
    title: 'an empty database has a client, an incarnation and nothing else',
    async run(open) {
      const store = await open()
      assertEqual(store.loaded.incarnation, 1, 'incarnation')
      assertEqual(store.loaded.operations, [], 'operations')
      assertEqual([...store.loaded.cursors], [], 'cursors')
      assertEqual(store.loaded.client.length > 0, true, 'client')
      store.close()
    },
  },
  {
    title: 'the client stays, the incarnation grows with every opening',
    async run(open) {
      const clients = new Set<ClientId>()
      const incarnations: number[] = []
      for (let i = 0; i < 3; i++) {
        const { loaded, close } = await open()
        clients.add(loaded.client)
        incarnations.push(loaded.incarnation)
        close()
      }
      assertEqual(clients.size, 1, 'clients')
      assertEqual(incarnations, [1, 2, 3], 'incarnations')
    },
  },
  {
    title: 'operations come back in the order in which they were sent',
    async run(open) {
      const store = await open()
      await store.commit([
        { type: 'put-operation', operation: operation('z', 1) },
        { type: 'put-operation', operation: operation('a', 2) },
      ])
      await store.commit([{ type: 'put-operation', operation: operation('m', 3) }])
      store.close()
      const again = await open()
      assertEqual(
        again.loaded.operations.map(({ key }) => key),
        ['z', 'a', 'm'],
        'keys',
      )
      assertEqual(again.loaded.operations[0], operation('z', 1), 'an operation')
      again.close()
    },
  },
  {
    title: 'the last change of a batch wins, and what is deleted stays away',
    async run(open) {
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
    title: 'cursors are kept by channel',
    async run(open) {
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
    title: 'whoever opened it before writes nothing more',
    async run(open) {
      const older = await open()
      const newer = await open()
      const late = older.commit([{ type: 'put-operation', operation: operation('late', 1) }])
      const failure = await failureOf(late)
      assertEqual(failure instanceof Fenced, true, 'refused by the fence')
      await newer.commit([{ type: 'put-operation', operation: operation('k', 1) }])
      older.close()
      newer.close()
      const again = await open()
      assertEqual(
        again.loaded.operations.map(({ key }) => key),
        ['k'],
        'keys',
      )
      again.close()
    },
  },
  {
    title: 'a closed store refuses',
    async run(open) {
      const store = await open()
      store.close()
      const failure = await failureOf(store.commit([{ type: 'delete-operation', key: 'k' }]))
      assertEqual(failure !== undefined, true, 'a refusal')
    },
  },
]
