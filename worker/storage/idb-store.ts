/**
 * Owns the real database and its one way of writing (P2).
 *
 * A write is one transaction that first checks that nobody has opened the database since, and counts
 * as done when the transaction is complete, not when its requests are. Whatever throws or aborts is a
 * failure, and nothing of it is on disk. What happens to a transaction after its worker died is the
 * engine's business: it is whole or absent.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, unwrap } from 'idb'
import type { Cursor } from '../../protocol/ids.js'
import type { ParkedEvent } from '../../protocol/port.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { EventRow } from './kept-events.js'
import { migrate, SCHEMA, type Upgrade } from './migrations.js'
import { readOwner, readRecords } from './records.js'
import {
  type Change,
  type ConsumerPosition,
  Fenced,
  type History,
  type Loaded,
  type Store,
  type StoreRequest,
} from './store.js'
import { assertOwner, type Owner, takeOver } from './take-over.js'

interface Schema extends DBSchema {
  line: { key: 'line' | 'probe'; value: Owner & { readonly isResting?: true } }
  operations: { key: string; value: StoredOperation }
  cursors: { key: string; value: Cursor }
  settled: { key: string; value: Settled }
  histories: { key: string; value: Pick<History, 'limit'> }
  events: { key: [channel: string, n: number]; value: EventRow }
  consumers: { key: [channel: string, name: string]; value: ConsumerPosition }
  parked: { key: string; value: ParkedEvent }
}

const STORES = [
  'line',
  'operations',
  'cursors',
  'settled',
  'histories',
  'events',
  'consumers',
  'parked',
] as const

type Database = IDBPDatabase<Schema>
type Transaction = IDBPTransaction<Schema, typeof STORES, 'readwrite'>
type Durability = StoreRequest['durability']

export async function openIdbStore(request: StoreRequest): Promise<Store> {
  const { durability, probe, signal } = request
  const database = await open(request)
  try {
    // A transaction that is made now comes before those of whoever opens the database after us. One
    // made when nobody waits any more might come after, and fence that broker out.
    if (signal?.aborted) throw new Error('nobody waits for the database any more')
    const found = await inTransaction(database, durability, (tx) => load(tx, request))
    const { loaded } = found
    let { sweep } = found
    return {
      kind: 'disk',
      loaded,
      async commit(changes) {
        if (probe) throw new Error('a probe takes no changes')
        const all = [...sweep, ...changes]
        sweep = []
        await inTransaction(database, durability, (tx) => write(tx, loaded, all))
      },
      close: () => database.close(),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

async function open(request: StoreRequest): Promise<Database> {
  const { line, wall, resume, onBlocked, onSevered } = request
  try {
    const database: Database = await openDB<Schema>(line, SCHEMA, {
      upgrade(db, from, _to, transaction) {
        const tx = transaction as unknown as Upgrade['transaction']
        const upgrade = { database: db as unknown as IDBPDatabase, transaction: tx, now: wall() }
        // The opening reports it; without this it would be reported as unhandled too.
        tx.done.catch(() => {})
        migrate(from, upgrade).catch(() => abort(tx))
      },
      blocked: () => onBlocked?.(),
      // Whoever wants to upgrade or delete it waits until we have let go.
      blocking(_own, wanted) {
        database.close()
        const by = wanted === null ? 'was deleted' : 'is wanted by a newer version'
        onSevered?.(new Error(`the database ${by}`))
      },
      terminated: () => onSevered?.(new Error('the browser closed the database')),
    })
    return database
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'VersionError') throw error
    // Only a broker that has the line upgrades its database: it was ours, so the line is not.
    if (resume) throw new Fenced('a newer version has the database')
    throw new DOMException('a newer version wrote the database', error.name)
  }
}

async function inTransaction<Result>(
  database: Database,
  durability: Durability,
  run: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const tx = database.transaction(STORES, 'readwrite', { durability })
  // Awaited below; without this a failure in between would be reported as unhandled.
  tx.done.catch(() => {})
  try {
    const result = await run(tx)
    await tx.done
    return result
  } catch (error) {
    abort(tx)
    // The transaction knows best: a request that it took down with it says no more than "aborted".
    throw tx.error ?? error
  }
}

/** One that is over already throws. */
function abort(tx: { abort(): void }): void {
  try {
    tx.abort()
  } catch {}
}

interface Found {
  readonly loaded: Loaded
  readonly sweep: readonly Change[]
}

async function load(tx: Transaction, request: StoreRequest): Promise<Found> {
  const line = tx.objectStore('line')
  const [found, operations, settled, cursors, histories, events, consumers, parked] =
    await Promise.all([
      line.get('line'),
      tx.objectStore('operations').getAll(),
      tx.objectStore('settled').getAll(),
      rowsOf(tx, 'cursors'),
      rowsOf(tx, 'histories'),
      tx.objectStore('events').getAll(),
      tx.objectStore('consumers').getAll(),
      tx.objectStore('parked').getAll(),
    ])
  const { client, incarnation } = takeOver(readOwner(found), request)
  const all = { operations, settled, cursors, histories, events, consumers, parked }
  const { records, sweep } = readRecords(all)
  if (request.probe) {
    // It has to be written to, because a disk that is full can be read; nothing of it stays.
    await line.put({ client, incarnation }, 'probe')
    await line.delete('probe')
  } else {
    await line.put({ client, incarnation }, 'line')
  }
  return { loaded: { client, incarnation, ...records }, sweep }
}

/** Those whose key is not in them. */
async function rowsOf(tx: Transaction, name: 'cursors' | 'histories') {
  const store = tx.objectStore(name)
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()])
  return keys.map((key, index) => [key, values[index]] as const)
}

async function write(tx: Transaction, own: Owner, changes: readonly Change[]): Promise<void> {
  assertOwner(readOwner(await tx.objectStore('line').get('line')), own)
  const requests: Promise<unknown>[] = []
  for (const change of changes) {
    // The next one may throw; then nobody would be left to hear of this one's end.
    for (const request of ask(tx, own, change)) {
      request.catch(() => {})
      requests.push(request)
    }
  }
  tx.commit()
  await Promise.all(requests)
}

function ask(tx: Transaction, own: Owner, change: Change): readonly Promise<unknown>[] {
  switch (change.type) {
    case 'put-operation':
      return [tx.objectStore('operations').put(change.operation)]
    case 'delete-operation':
      return [tx.objectStore('operations').delete(change.key)]
    case 'put-settled':
      return [tx.objectStore('settled').put(change.settled)]
    case 'delete-settled':
      return [tx.objectStore('settled').delete(change.key)]
    case 'put-cursor':
      return [tx.objectStore('cursors').put(change.cursor, change.channel)]
    case 'put-history':
      return [tx.objectStore('histories').put({ limit: change.limit }, change.channel)]
    case 'put-events': {
      const { channel, events } = change
      const store = unwrap(tx.objectStore('events'))
      // They are many, and a promise for each is dear: the transaction says what fails.
      for (const event of events) store.put({ channel, ...event })
      return []
    }
    case 'delete-events':
      return [tx.objectStore('events').delete(eventsOf(change.channel, change.below))]
    case 'delete-history':
      return [
        tx.objectStore('histories').delete(change.channel),
        tx.objectStore('events').delete(eventsOf(change.channel)),
      ]
    case 'put-consumer':
      return [tx.objectStore('consumers').put(change.consumer)]
    case 'put-parked':
      return [tx.objectStore('parked').put(change.parked)]
    case 'delete-parked':
      return [tx.objectStore('parked').delete(change.key)]
    case 'rest': {
      const { client, incarnation } = own
      return [tx.objectStore('line').put({ client, incarnation, isResting: true }, 'line')]
    }
    case 'wipe':
      return STORES.map((name) => tx.objectStore(name).clear())
  }
}

/** A key that is shorter comes before all that begin with it. */
const eventsOf = (channel: string, below = Number.POSITIVE_INFINITY): IDBKeyRange =>
  IDBKeyRange.bound([channel], [channel, below], false, true)
