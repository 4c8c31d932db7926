/**
 * Owns the shape of the broker's disk (P2): one database per line and identity, read once at the
 * start and then only written, one transaction at a time.
 *
 * Every implementation keeps the same contract (store-contract.ts): `commit` resolves when all
 * changes are durable, rejects when none is, and refuses to write for a broker that another one has
 * replaced (`Fenced`).
 */
import type { ClientId, Cursor, EventId } from '../../protocol/ids.js'
import type { ParkedEvent } from '../../protocol/port.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'

export interface Loaded {
  readonly client: ClientId
  /** Grows with every broker that opened this database. */
  readonly incarnation: number
  /** In the order in which they were sent. */
  readonly operations: readonly StoredOperation[]
  readonly cursors: ReadonlyMap<string, Cursor>
  readonly histories: ReadonlyMap<string, History>
  readonly consumers: readonly ConsumerPosition[]
  /** In the order in which they were parked. */
  readonly parked: readonly ParkedEvent[]
  /** In the order in which they were settled. */
  readonly settled: readonly Settled[]
  /**
   * How many records are there that nobody can make sense of. They stay where they are, but for kept
   * events: rows that are no `History` go with the first write.
   */
  readonly unreadable: number
}

/** The last events of a channel, up to its cursor on disk: both move in one transaction. */
export interface History {
  /** How many are to be kept. */
  readonly limit: number
  /** Without a hole, oldest first. */
  readonly events: readonly KeptEvent[]
}

export interface KeptEvent {
  /** Counts the kept events of the channel, and never comes back. */
  readonly n: number
  readonly epoch: Cursor['epoch']
  readonly id: EventId
  /** JSON text. */
  readonly payload: string
}

/** How far a consumer of this origin has come: its next event is the one after the cursor. */
export interface ConsumerPosition {
  readonly channel: string
  readonly name: string
  readonly cursor: Cursor
}

export type Change =
  | { readonly type: 'put-operation'; readonly operation: StoredOperation }
  | { readonly type: 'delete-operation'; readonly key: string }
  | { readonly type: 'put-settled'; readonly settled: Settled }
  | { readonly type: 'delete-settled'; readonly key: string }
  | { readonly type: 'put-cursor'; readonly channel: string; readonly cursor: Cursor }
  /** The channel keeps so many from now on. */
  | { readonly type: 'put-history'; readonly channel: string; readonly limit: number }
  | {
      readonly type: 'put-events'
      readonly channel: string
      readonly events: readonly KeptEvent[]
    }
  /** Those with a smaller `n`. */
  | { readonly type: 'delete-events'; readonly channel: string; readonly below: number }
  /** The channel keeps nothing any more. */
  | { readonly type: 'delete-history'; readonly channel: string }
  | { readonly type: 'put-consumer'; readonly consumer: ConsumerPosition }
  | { readonly type: 'put-parked'; readonly parked: ParkedEvent }
  | { readonly type: 'delete-parked'; readonly key: string }
  /**
   * The identity was signed out and its queue is kept: nobody sends it in the background. A broker
   * that a page asks for ends the rest by opening the database.
   */
  | { readonly type: 'rest' }
  /**
   * Everything goes, the client's name too: the next broker is a stranger to the server. Whoever
   * wiped the database has no claim to it any more: what it writes later is refused (`Fenced`).
   */
  | { readonly type: 'wipe' }

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
  /** Wall-clock milliseconds: some migrations have to date what had no date. */
  wall(): number
  /**
   * Goes on as the broker that it was before the connection to the database was lost: no new
   * incarnation, `Fenced` if another broker has been here since, and an empty database takes this
   * client over.
   */
  readonly resume?: Pick<Loaded, 'client' | 'incarnation'> | undefined
  /**
   * Only tries whether the database can be read and written: everything stays as it was, no
   * incarnation is counted and nobody is fenced. Such a store takes no changes.
   */
  readonly probe?: true | undefined
  /** Nobody waits for it any more: what has not begun yet does not happen. */
  readonly signal?: AbortSignal | undefined
  /** Somebody holds the database open in an older version, and the opening waits for that. */
  onBlocked?(): void
  /** The connection was severed from outside: site data cleared, an upgrade elsewhere, a broken disk. */
  onSevered?(reason: unknown): void
}

export type OpenStore = (request: StoreRequest) => Promise<Store>

/** Another broker opened the database later: this one may write nothing more (F10). */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}
