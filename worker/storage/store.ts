/**
 * Owns the shape of the broker's disk (P2): one database per line and identity, read once at the
 * start and then only written, one transaction at a time.
 *
 * Every implementation keeps the same contract (store-contract.ts): `commit` resolves when all
 * changes are durable, rejects when none is, and refuses to write for a broker that another one has
 * replaced (`Fenced`).
 */
import type { ClientId, Cursor } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'

export interface Loaded {
  readonly client: ClientId
  /** Grows with every broker that opened this database. */
  readonly incarnation: number
  /** In the order in which they were sent. */
  readonly operations: readonly StoredOperation[]
  readonly cursors: ReadonlyMap<string, Cursor>
}

export type Change =
  | { readonly type: 'put-operation'; readonly operation: StoredOperation }
  | { readonly type: 'delete-operation'; readonly key: string }
  | { readonly type: 'put-cursor'; readonly channel: string; readonly cursor: Cursor }

export interface Store {
  readonly kind: 'disk' | 'memory'
  readonly loaded: Loaded
  commit(changes: readonly Change[]): Promise<void>
  close(): void
}

export interface StoreRequest {
  readonly line: string
  readonly durability: 'strict' | 'relaxed'
  /** For a database that has none yet. */
  newClient(): ClientId
}

export type OpenStore = (request: StoreRequest) => Promise<Store>

/** Another broker opened the database later: this one may write nothing more (F10). */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}
