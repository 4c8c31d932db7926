/**
 * Owns what a record on disk has to be to mean something (P2): wrong types come from damaged disks and
 * from other people's code on the same origin. What is not understood is counted and left alone.
 */
import * as v from 'valibot'
import type { Cursor } from '../../protocol/ids.js'
import type { ParkedEvent } from '../../protocol/port.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import { type EventRow, readHistories } from './kept-events.js'
import type { Change, ConsumerPosition, Loaded } from './store.js'
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

/** The empty id is a position too: the one before the first event. */
const position = { epoch: v.string(), id: v.string() }
const cursor = v.object(position)

const number = v.pipe(v.number(), v.safeInteger())
const history = v.object({ limit: v.pipe(number, v.minValue(1)) })
const eventRow = v.object({ ...position, channel: v.string(), n: number, payload: v.string() })

const consumer = v.object({ channel: v.string(), name: v.string(), cursor })

const parked = v.object({
  key: name,
  channel: v.string(),
  name: v.string(),
  cursor,
  payload: v.string(),
  error,
  attempts: count,
  at: count,
  n: count,
})

const isOperation = (it: unknown): it is StoredOperation => v.is(operation, it)
const isSettled = (it: unknown): it is Settled => v.is(settled, it)
const isCursor = (it: unknown): it is Cursor => v.is(cursor, it)
const isHistory = (it: unknown): it is { readonly limit: number } => v.is(history, it)
const isEventRow = (it: unknown): it is EventRow => v.is(eventRow, it)
const isConsumer = (it: unknown): it is ConsumerPosition => v.is(consumer, it)
const isParked = (it: unknown): it is ParkedEvent => v.is(parked, it)
const isOwner = (it: unknown): it is Owner => v.is(owner, it)

/** Without its owner nothing in a database can be sent: that one is not skipped. */
export function readOwner(found: unknown): Owner | undefined {
  if (found === undefined || isOwner(found)) return found
  throw new Error('the database does not say whose it is')
}

type ByChannel = readonly (readonly [channel: unknown, value: unknown])[]

/** Everything else that was found, as it was found. */
export interface Records {
  readonly operations: readonly unknown[]
  readonly settled: readonly unknown[]
  readonly cursors: ByChannel
  readonly histories: ByChannel
  readonly events: readonly unknown[]
  readonly consumers: readonly unknown[]
  readonly parked: readonly unknown[]
}

export interface Understood {
  readonly records: Omit<Loaded, keyof Owner>
  /** What the first write has to begin with. */
  readonly sweep: readonly Change[]
}

export function readRecords(found: Records): Understood {
  let unreadable = 0
  function those<One>(all: readonly unknown[], is: (it: unknown) => it is One): One[] {
    const understood = all.filter(is)
    unreadable += all.length - understood.length
    return understood
  }
  function byChannel<One>(all: ByChannel, is: (it: unknown) => it is One): Map<string, One> {
    const isRow = (row: unknown): row is readonly [string, One] =>
      Array.isArray(row) && typeof row[0] === 'string' && is(row[1])
    return new Map(those(all, isRow))
  }
  const cursors = byChannel(found.cursors, isCursor)
  const limits = byChannel(found.histories, isHistory)
  const { histories, sweep } = readHistories(limits, those(found.events, isEventRow), cursors)
  const records = {
    operations: those(found.operations, isOperation).sort(byNumber),
    settled: those(found.settled, isSettled).sort(byNumber),
    cursors,
    histories,
    consumers: those(found.consumers, isConsumer),
    parked: those(found.parked, isParked).sort(byNumber),
  }
  return { records: { ...records, unreadable }, sweep }
}

const byNumber = (a: { readonly n: number }, b: { readonly n: number }): number => a.n - b.n
