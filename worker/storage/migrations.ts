/**
 * Owns the schema of the database as the sum of its steps (P2): the step at index n leads from schema
 * n to schema n + 1. A step that has been released never changes; the next schema is one more step.
 *
 * A step keeps what it does not understand: it runs on disks that nobody has seen. One that throws
 * leaves the database as it was, and closed to this version.
 */
import type { IDBPDatabase, IDBPTransaction } from 'idb'

/** Old schemas have other types than ours, or none. */
export interface Upgrade {
  readonly database: IDBPDatabase<unknown>
  readonly transaction: IDBPTransaction<unknown, string[], 'versionchange'>
  /** Wall-clock milliseconds. */
  readonly now: number
}

type Step = (upgrade: Upgrade) => Promise<void>

const STEPS: readonly Step[] = [
  async ({ database }) => {
    database.createObjectStore('line')
    database.createObjectStore('operations', { keyPath: 'key' })
    database.createObjectStore('cursors')
  },

  /** Outcomes are remembered; a failure says how and when, where it was a bare error. */
  async ({ database, transaction, now }) => {
    database.createObjectStore('settled', { keyPath: 'key' })
    const operations = transaction.objectStore('operations')
    for (const operation of await operations.getAll()) {
      const { failed: error } = operation
      if (error === undefined) continue
      await operations.put({ ...operation, failed: { outcome: 'rejected', error, at: now } })
    }
  },

  /** The last events of a channel are kept; consumers have positions, and events that they failed at. */
  async ({ database }) => {
    database.createObjectStore('histories')
    database.createObjectStore('events', { keyPath: ['channel', 'n'] })
    database.createObjectStore('consumers', { keyPath: ['channel', 'name'] })
    database.createObjectStore('parked', { keyPath: 'key' })
  },
]

export const SCHEMA = STEPS.length

export async function migrate(from: number, upgrade: Upgrade): Promise<void> {
  for (const step of STEPS.slice(from)) await step(upgrade)
}
