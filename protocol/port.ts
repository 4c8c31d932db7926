/**
 * Owns the contract between a page and its broker: what crosses the MessagePort, and nothing of how.
 *
 * Comlink carries the calls; this file says which there are. Two rules keep them honest: a call
 * never throws (an error crosses as data, because no engine clones our class), and whatever the
 * broker pushes travels in one ordered stream of parcels, each of which the page confirms by
 * returning. While a parcel is unconfirmed the next one grows (P14).
 */
import type { ErrorInfo } from './errors.js'
import type { Cursor, EventId, InstanceId, Key, TabId } from './ids.js'
import type { Status } from './status.js'
import type { Verdict } from './wire/close-codes.js'
import type { GapReason } from './wire/frames-down.js'

/** What makes a line behave; the first tab that attaches decides. */
export interface LineOptions {
  readonly url: string
  readonly identity?: string | undefined
  /** What IndexedDB does before it says "stored": `strict` survives a power loss too. */
  readonly durability?: 'strict' | 'relaxed' | undefined
  readonly outbox?: { readonly operations?: number; readonly bytes?: number } | undefined
  /** Overrides of single close codes. */
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
}

/** A tab's first words. */
export interface Hello {
  readonly contract: number
  readonly tab: TabId
  readonly line: LineOptions
  /** Subscriptions that this tab brings along from an earlier broker, with where it stands. */
  readonly subscriptions: readonly Subscription[]
}

export type HelloReply =
  | { readonly ok: true; readonly instance: InstanceId }
  | { readonly ok: false; readonly error: ErrorInfo }

/** Where a subscription begins. */
export type From = 'now' | 'last' | { readonly after: Cursor | { readonly id: EventId } }

export interface Subscription {
  /** Chosen by the tab, unique within it. */
  readonly id: number
  readonly channel: string
  readonly from: From
}

/** An operation as a tab hands it over. */
export interface NewOperation {
  readonly key: Key
  readonly lane: string
  readonly type: string
  readonly channel?: string
  /** JSON text. */
  readonly payload?: string
}

/** An operation as any tab may see it. */
export interface OutboxEntry {
  readonly key: Key
  readonly lane: string
  readonly type: string
  readonly channel?: string
  /** JSON text, so that a page that opens offline can show what is queued. */
  readonly payload?: string
  /** Wall-clock milliseconds. */
  readonly createdAt: number
  readonly state: 'queued' | 'sent' | 'failed'
  readonly error?: ErrorInfo
}

/** How an operation ended (P5). */
export type Outcome =
  | { readonly key: Key; readonly outcome: 'acked'; readonly result?: string }
  | {
      readonly key: Key
      readonly outcome: 'rejected' | 'expired' | 'discarded'
      readonly error: ErrorInfo
    }

/**
 * Between payloads: a character that no JSON text contains. So a tab opens a batch with one parse, and
 * one that is not JSON does not spoil its neighbours.
 */
export const SEPARATOR = '\u001e'

/** One piece of news for a tab. */
export type News =
  | { readonly kind: 'status'; readonly status: Status }
  /** What changed in the outbox; `whole`: forget what was known before. */
  | {
      readonly kind: 'outbox'
      readonly whole: boolean
      readonly put: readonly OutboxEntry[]
      readonly removed: readonly Key[]
    }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[] }
  /** From here on the subscriptions stand at this position; nothing before it is missing. */
  | {
      readonly kind: 'position'
      readonly subscriptions: readonly number[]
      readonly cursor: Cursor
    }
  | {
      readonly kind: 'events'
      readonly subscriptions: readonly number[]
      readonly channel: string
      readonly epoch: Cursor['epoch']
      readonly ids: readonly EventId[]
      /** The payloads of `ids`, joined by `SEPARATOR`. */
      readonly payloads: string
    }
  | {
      readonly kind: 'gap'
      readonly subscriptions: readonly number[]
      readonly channel: string
      readonly reason: GapReason
      readonly cursor: Cursor
    }
  | {
      readonly kind: 'denied'
      readonly subscriptions: readonly number[]
      readonly error: ErrorInfo
    }

export interface Parcel {
  readonly instance: InstanceId
  readonly news: readonly News[]
}

/** What a page may ask of its broker; each port has one, and exposes a `TabSurface` in return. */
export interface BrokerSurface {
  hello(hello: Hello): HelloReply
  /** An explicit goodbye; the tab's lock says the same if there is no time for it. */
  goodbye(): void
  /** Resolves when the operation is on disk, or with the reason why it is not. */
  send(operation: NewOperation): Promise<ErrorInfo | undefined>
  subscribe(subscription: Subscription): void
  unsubscribe(id: number): void
  /** Both say whether there was such an operation. */
  retry(key: Key): boolean
  discard(key: Key): boolean
  /** Connect now; ask for a new token if that is what is missing. */
  reconnect(): void
  /** Something happened that may have broken the socket or mended the network. */
  suspect(why: Suspicion): void
}

export type Suspicion = 'online' | 'visible' | 'woke'

/** What a broker may ask of a page. */
export interface TabSurface {
  /** Returning confirms: the tab has handled all of it. */
  take(parcel: Parcel): void
  /** A token for this identity, or nothing. */
  token(): Promise<string | undefined>
}
