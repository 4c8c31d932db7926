/**
 * Owns group commit: what is asked for in one turn of the event loop shares one transaction, and no
 * promise resolves before its COMMIT.
 *
 * A step that fails takes nobody with it: the transaction is rolled back and its halves are tried
 * again in order, until the culprit stands alone. Steps touch nothing but the database, so to run
 * one twice is harmless; that is cheaper than a savepoint around each.
 */
import type { Database } from './sqlite-runtime.js'

export interface GroupCommit {
  /** Runs the step inside the turn's transaction; resolves with its value once that is durable. */
  submit<Value>(step: () => Value): Promise<Value>
  /** Commits at once what is waiting. */
  flush(): void
}

export interface GroupCommitOptions {
  readonly db: Database
  /** Calls back at the end of this turn. */
  readonly turn: (run: () => void) => void
  /** Inside the transaction, after its last step. */
  readonly beforeCommit: () => void
  /** Durable now; the promises resolve after this. */
  readonly afterCommit: () => void
  /** Nothing of it happened. */
  readonly afterRollback: () => void
}

interface Waiting {
  readonly step: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { db, turn, beforeCommit, afterCommit, afterRollback } = options
  let waiting: Waiting[] = []

  function transact(group: readonly Waiting[]): void {
    const values: unknown[] = []
    let isOpen = false
    try {
      db.exec('BEGIN IMMEDIATE')
      isOpen = true
      for (const { step } of group) values.push(step())
      beforeCommit()
      db.exec('COMMIT')
    } catch (error) {
      if (isOpen) rollback()
      afterRollback()
      if (group.length === 1) return group[0]?.reject(error)
      const middle = group.length >> 1
      transact(group.slice(0, middle))
      return transact(group.slice(middle))
    }
    afterCommit()
    for (const [index, { resolve }] of group.entries()) resolve(values[index])
  }

  function rollback(): void {
    try {
      db.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself already (a full disk, an I/O error).
    }
  }

  function flush(): void {
    if (!waiting.length) return
    const group = waiting
    waiting = []
    transact(group)
  }

  return {
    submit: <Value>(step: () => Value) =>
      new Promise<Value>((resolve, reject) => {
        if (!waiting.length) turn(flush)
        waiting.push({ step, resolve: resolve as (value: unknown) => void, reject })
      }),
    flush,
  }
}
