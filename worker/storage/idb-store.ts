/**
 * Owns the database: its schema, its migrations and its one way of writing (P2).
 *
 * A write is one transaction that first checks that nobody has opened the database since (the
 * incarnation is the fence), and counts as done when the transaction is complete, not when its
 * requests are. What happens to a transaction after its worker died is the engine's business: it is
 * whole or absent.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { ClientId, Cursor } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'
import { type Change, Fenced, type Loaded, type Store, type StoreRequest } from './store.js'

const SCHEMA = 1

interface Schema extends DBSchema {
  line: { key: 'line'; value: { client: ClientId; incarnation: number } }
  operations: { key: string; value: StoredOperation }
  cursors: { key: string; value: Cursor }
}

type Database = IDBPDatabase<Schema>

export async function openIdbStore(request: StoreRequest): Promise<Store> {
  const database = await openDB<Schema>(request.line, SCHEMA, {
    upgrade(db) {
      db.createObjectStore('line')
      db.createObjectStore('operations', { keyPath: 'key' })
      db.createObjectStore('cursors')
    },
    // A newer broker wants the database: hand it over, its incarnation fences us anyway.
    blocking: () => database.close(),
  })
  try {
    const loaded = await load(database, request)
    return {
      kind: 'disk',
      loaded,
      commit: (changes) => commit(database, loaded.incarnation, request.durability, changes),
      close: () => database.close(),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

async function load(database: Database, request: StoreRequest): Promise<Loaded> {
  const tx = database.transaction(['line', 'operations', 'cursors'], 'readwrite', {
    durability: request.durability,
  })
  const [known, operations, channels, positions] = await Promise.all([
    tx.objectStore('line').get('line'),
    tx.objectStore('operations').getAll(),
    tx.objectStore('cursors').getAllKeys(),
    tx.objectStore('cursors').getAll(),
  ])
  const client = known?.client ?? request.newClient()
  const incarnation = (known?.incarnation ?? 0) + 1
  void tx.objectStore('line').put({ client, incarnation }, 'line')
  await tx.done
  const cursors = new Map<string, Cursor>()
  for (const [index, channel] of channels.entries()) {
    const cursor = positions[index]
    if (cursor) cursors.set(channel, cursor)
  }
  return { client, incarnation, operations: operations.sort((a, b) => a.n - b.n), cursors }
}

async function commit(
  database: Database,
  incarnation: number,
  durability: 'strict' | 'relaxed',
  changes: readonly Change[],
): Promise<void> {
  const tx = database.transaction(['line', 'operations', 'cursors'], 'readwrite', { durability })
  // Awaited below; without this a failure in between would be reported as unhandled.
  tx.done.catch(() => {})
  const line = await tx.objectStore('line').get('line')
  if (line?.incarnation !== incarnation) {
    tx.abort()
    throw new Fenced('another broker has the database')
  }
  const operations = tx.objectStore('operations')
  const cursors = tx.objectStore('cursors')
  const write = (change: Change): Promise<unknown> => {
    switch (change.type) {
      case 'put-operation':
        return operations.put(change.operation)
      case 'delete-operation':
        return operations.delete(change.key)
      case 'put-cursor':
        return cursors.put(change.cursor, change.channel)
    }
  }
  const writes = changes.map(write)
  tx.commit()
  await Promise.all([...writes, tx.done])
}
