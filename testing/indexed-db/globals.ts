/**
 * Owns what the twin looks like to code that asks for IndexedDB by its global names: the library that the
 * store is made of asks of every value which class it is, and takes `indexedDB` wherever it opens one. So
 * a thread that has a factory of its own lends it for the one call, which ends in the same turn.
 */
import { Connection } from './connection.js'
import { Cursor } from './cursor.js'
import type { Factory } from './databases.js'
import { KeyRange } from './keys.js'
import { ObjectStore } from './object-store.js'
import { OpenRequest, Request } from './request.js'
import { Transaction } from './transaction.js'

let current: Factory | undefined

/** Nobody here makes one; it is asked for all the same. */
class Index {}

/** `factory`: whose turn it is where only one thread lives. */
export function installIndexedDb(factory?: Factory): void {
  current = factory
  Object.assign(globalThis, {
    IDBRequest: Request,
    IDBOpenDBRequest: OpenRequest,
    IDBDatabase: Connection,
    IDBTransaction: Transaction,
    IDBObjectStore: ObjectStore,
    IDBKeyRange: KeyRange,
    IDBIndex: Index,
    IDBCursor: Cursor,
  })
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, get: () => current })
}

/** What is opened in this call is opened with it. */
export function lend<Result>(factory: Factory, run: () => Result): Result {
  const before = current
  current = factory
  try {
    return run()
  } finally {
    current = before
  }
}
