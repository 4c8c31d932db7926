/**
 * Owns what a record on disk has to be to mean something (P2): wrong types come from damaged disks and
 * from other people's code on the same origin. What is not understood is counted and left alone.
 */
import * as v from 'valibot'
import type { Cursor } from '../../protocol/ids.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { Loaded } from './store.js'
import type { Owner } from './take-over.js'

const name = v.pipe(v.string(), v.nonEmpty())
const count = v.pipe(v.number(), v.finite())
const error = v.looseObject({ code: v.string(), message: v.string() })
const badly = v.picklist(['rejected', 'expired', 'discarded'])

const owner = v.object({ client: name, incarnation: v.pipe(v.number(), v.safeInteger()) })

const operation = v.object({
  key: name,
  lane: name,
  type: name,
  channel: v.optional(v.string()),
  payload: v.optional(v.string()),
  priority: v.optional(count),
  maxAttempts: v.optional(count),
  n: count,
  createdAt: count,
  life: v.optional(v.object({ left: count, at: count })),
  number: v.optional(v.object({ epoch: count, seq: count })),
  sentAt: v.optional(count),
  attempts: v.optional(count),
  withdrawn: v.optional(v.picklist(['discarded', 'expired', 'exhausted'])),
  failed: v.optional(v.object({ outcome: badly, error, at: count })),
})

const settled = v.object({
  key: name,
  n: count,
  at: count,
  outcome: v.union([
    v.object({ key: name, outcome: v.literal('acked'), result: v.optional(v.string()) }),
    v.object({ key: name, outcome: badly, error }),
  ]),
})

const cursor = v.object({ epoch: name, id: name })

const isOperation = (it: unknown): it is StoredOperation => v.is(operation, it)
const isSettled = (it: unknown): it is Settled => v.is(settled, it)
const isCursor = (it: unknown): it is Cursor => v.is(cursor, it)
const isOwner = (it: unknown): it is Owner => v.is(owner, it)

/** Without its owner nothing in a database can be sent: that one is not skipped. */
export function readOwner(found: unknown): Owner | undefined {
  if (found === undefined || isOwner(found)) return found
  throw new Error('the database does not say whose it is')
}

/** Everything else that was found, as it was found. */
export interface Records {
  readonly operations: readonly unknown[]
  readonly settled: readonly unknown[]
  /** By channel. */
  readonly cursors: readonly (readonly [channel: unknown, cursor: unknown])[]
}

export function readRecords(found: Records): Omit<Loaded, keyof Owner> {
  const operations = found.operations.filter(isOperation).sort((a, b) => a.n - b.n)
  const over = found.settled.filter(isSettled).sort((a, b) => a.n - b.n)
  const cursors = new Map<string, Cursor>()
  for (const [channel, position] of found.cursors) {
    if (typeof channel === 'string' && isCursor(position)) cursors.set(channel, position)
  }
  const all = found.operations.length + found.settled.length + found.cursors.length
  const unreadable = all - operations.length - over.length - cursors.size
  return { operations, settled: over, cursors, unreadable }
}
