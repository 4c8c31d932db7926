/**
 * Owns what the cases of the store's contract are made of: the bed that a store lies in, some records,
 * and assertions that know no test runner.
 */
import type { Cursor, Key } from '../../protocol/ids.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { Store, StoreRequest } from './store.js'

/** One database, at first absent. */
export interface StoreBed {
  open(as?: Pick<StoreRequest, 'resume' | 'probe' | 'onSevered'>): Promise<Store>
  /** Site data is cleared from outside. */
  clear(): Promise<void>
  /** Puts something among the operations that is none. */
  spoil(key: string): Promise<void>
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
