/**
 * Owns what the cases of the store's contract are made of: the bed that a store lies in, some records,
 * and assertions that know no test runner.
 */
import type { Cursor, Key } from '../../protocol/ids.js'
import type { ParkedEvent } from '../../protocol/port.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { Change, ConsumerPosition, KeptEvent, Store, StoreRequest } from './store.js'

/** Those whose records hold their own keys. */
export type Shelf = 'operations' | 'events' | 'consumers' | 'parked'

/** One database, at first absent. */
export interface StoreBed {
  open(as?: Pick<StoreRequest, 'resume' | 'probe' | 'onSevered'>): Promise<Store>
  /** Site data is cleared from outside. */
  clear(): Promise<void>
  /** Somebody else's code puts a row there, whatever it is. */
  spoil(shelf: Shelf, row: object): Promise<void>
  /** What is there, whether it can be read or not, in no order. */
  rows(shelf: Shelf): Promise<readonly unknown[]>
}

export interface StoreCase {
  readonly title: string
  run(bed: StoreBed): Promise<void>
}

export const operation = (key: string, n: number): StoredOperation => ({
  key: key as Key,
  lane: 'a',
  type: 'note',
  payload: '{"a":1}',
  n,
  createdAt: 1,
})

export const acked = (key: string, n: number): Settled => ({
  key: key as Key,
  n,
  at: 1,
  outcome: { key: key as Key, outcome: 'acked', result: '7' },
})

export const cursor = (id: string): Cursor => ({ epoch: 'e1', id }) as Cursor

export const kept = (n: number, id = `${n}`): KeptEvent => ({
  n,
  ...cursor(id),
  payload: `{"n":${n}}`,
})

/** A channel that has come to the last of these events, and keeps them. */
export const keeping = (channel: string, ...events: readonly KeptEvent[]): readonly Change[] => {
  const last = events.at(-1)
  if (!last) throw new Error('which events?')
  const { epoch, id } = last
  return [
    { type: 'put-history', channel, limit: 3 },
    { type: 'put-events', channel, events },
    { type: 'put-cursor', channel, cursor: { epoch, id } },
  ]
}

export const consumer = (channel: string, name: string, id: string): ConsumerPosition => ({
  channel,
  name,
  cursor: cursor(id),
})

export const parked = (key: string, n: number): ParkedEvent => ({
  key,
  channel: 'board',
  name: 'notifier',
  cursor: cursor(`${n}`),
  payload: '{"a":1}',
  error: { code: 'rejected', details: { reason: 'no' }, message: 'no' },
  attempts: 5,
  at: 1,
  n,
})

export const keysOf = (records: readonly { readonly key: string }[]): readonly string[] =>
  records.map(({ key }) => key)

export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}
