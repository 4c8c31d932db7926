/**
 * Owns the public face of the page client: what an app imports and may rely on. No behaviour.
 */
import type { PartylineError } from '../protocol/errors.js'
import type { Cursor, EventId, Key } from '../protocol/ids.js'
import type { OutboxEntry } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type { Verdict } from '../protocol/wire/close-codes.js'
import type { GapReason } from '../protocol/wire/frames-down.js'
import type { Readable } from './readable.js'

/** What the page client wants its SharedWorker constructed with. Pass it on as it is. */
export interface WorkerRequest {
  readonly type: 'module'
  readonly name: string
  readonly extendedLifetime: true
}

export interface ConnectOptions {
  /** Where the gateway listens: `wss://…`, or a path of this origin. */
  readonly url: string | URL
  /**
   * The worker: its address, or a function that makes it, so that a bundler sees the constructor
   * with its `new URL(…, import.meta.url)`. Default: the prebuilt file beside the page client.
   */
  readonly worker?: string | URL | ((request: WorkerRequest) => SharedWorker) | undefined
  /** Whose data this is. Two identities share nothing. Absent: anonymous. */
  readonly identity?: string | undefined
  /** Called when the broker needs a token; one living tab is asked, not all. */
  readonly auth?: (() => string | undefined | Promise<string | undefined>) | undefined
  /** `strict` (default) survives a power loss, `relaxed` only a crash. */
  readonly durability?: 'strict' | 'relaxed' | undefined
  /** Limits of the outbox. Default: 1,000 operations and 16 MiB of payload. */
  readonly outbox?: { readonly operations?: number; readonly bytes?: number } | undefined
  /** What single close codes of your server mean, where it differs from the standard table. */
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
  /** Told of what has no other place to go: an event that is not JSON, a handler that threw. */
  readonly onError?: ((error: PartylineError) => void) | undefined
}

export interface Line extends Disposable {
  readonly status: Readable<Status>
  readonly outbox: Outbox
  channel<Payload = unknown>(name: string): Channel<Payload>
  /** Durable: kept until the server has settled it. */
  send<Result = unknown>(type: string, payload?: unknown, options?: SendOptions): Delivery<Result>
  /** Connect now, and ask for a new token if that is what is missing. */
  reconnect(): void
  /** This tab leaves; the others stay. */
  close(): void
}

export interface Outbox extends Readable<readonly OutboxEntry[]> {
  /** Sends a failed operation again, at the end of its lane. */
  retry(key: Key): Promise<boolean>
  /** Gives an operation up; its sender learns `discarded`. */
  discard(key: Key): Promise<boolean>
}

export interface SendOptions {
  /** Operations of one lane take effect in order. Default: the channel, else the type. */
  readonly lane?: string | undefined
  /** Your own idempotency key. Default: a new UUIDv7. */
  readonly key?: string | undefined
}

export interface Delivery<Result = unknown> {
  readonly key: Key
  /** On disk. */
  readonly stored: Promise<void>
  /** Settled: resolves with the server's result, rejects with a `PartylineError`. */
  readonly done: Promise<Result>
}

export interface Channel<Payload> {
  readonly name: string
  subscribe(handler: EventHandler<Payload>, options?: SubscribeOptions): Subscription
  /** A durable send whose type is `publish` and whose lane is the channel. */
  publish(payload: Payload, options?: SendOptions): Delivery<Published>
}

export type EventHandler<Payload> = (payload: Payload, event: EventInfo) => void

export interface EventInfo {
  readonly channel: string
  readonly id: EventId
  /** Where the channel stands with this event: what `from: { after }` takes. */
  readonly cursor: Cursor
}

/** What the gateway answers to a publish. */
export interface Published {
  readonly id: EventId
}

export interface SubscribeOptions {
  /**
   * `now` (default): what comes. `last`: first what this browser missed since it last saw the
   * channel. `{ after }`: first what came after that position.
   */
  readonly from?: 'now' | 'last' | { readonly after: Cursor | string } | undefined
  /** Events are missing; live delivery goes on from `gap.cursor`. */
  readonly onGap?: ((gap: Gap) => void) | undefined
}

export interface Gap {
  readonly channel: string
  readonly reason: GapReason
  readonly cursor: Cursor
}

export interface Subscription extends Disposable {
  readonly channel: string
  /** Where this subscription stands; undefined until the server has answered. */
  readonly cursor: Cursor | undefined
  stop(): void
}
