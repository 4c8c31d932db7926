/**
 * Owns a database as it outlives everybody: its version and shelves, and who is at it. Of two transactions
 * that share a store, one of which writes, the later one waits for the earlier, whoever made them.
 */
import type { Connection } from './connection.js'
import type { Engine } from './engine.js'
import type { Shelf } from './shelf.js'
import type { Transaction } from './transaction.js'

export interface DatabaseFile {
  readonly name: string
  readonly engine: Engine
  /** Zero: there is none yet. */
  version: number
  readonly shelves: Map<string, Shelf>
  /** Those that have not let go. */
  readonly connections: Set<Connection>
  /** Those that are not over, in the order in which they were made. */
  readonly transactions: readonly Transaction[]
  made(transaction: Transaction): void
  /** The first one that has to be over before. */
  inTheWayOf(transaction: Transaction): Transaction | undefined
  over(transaction: Transaction): void
  /** Somebody has let go, or may have. */
  onFree: () => void
}

export function createDatabaseFile(name: string, engine: Engine): DatabaseFile {
  const transactions: Transaction[] = []
  const file: DatabaseFile = {
    name,
    engine,
    version: 0,
    shelves: new Map(),
    connections: new Set(),
    transactions,
    made: (transaction) => void transactions.push(transaction),
    inTheWayOf: (transaction) =>
      transactions
        .slice(0, transactions.indexOf(transaction))
        .find((earlier) => doMeet(earlier, transaction)),
    over(transaction) {
      transactions.splice(transactions.indexOf(transaction), 1)
      transaction.db.letGo()
      if (transaction.mode === 'versionchange') file.onFree()
      for (const one of [...transactions]) one.maybeGoOn()
    },
    onFree() {},
  }
  return file
}

const doMeet = (a: Transaction, b: Transaction): boolean =>
  (a.mode !== 'readonly' || b.mode !== 'readonly') &&
  a.objectStoreNames.some((name) => b.objectStoreNames.includes(name))
