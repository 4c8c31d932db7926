/**
 * Owns the public face of the page client: what an app imports and may rely on. No behaviour.
 */
import type { PartylineError } from '../protocol/errors.js'
import type { Cursor, EventId, Key } from '../protocol/ids.js'
import type { OutboxEntry, OutboxLimits, ParkedEvent } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type { Verdict } from '../protocol/wire/close-codes.js'
import type { GapReason } from '../protocol/wire/frames-down.js'
import type {
  AppTypes,
  EntryOf,
  FreeName,
  Given,
  NameIn,
  ResultOf,
  Schemas,
  Untyped,
} from './app-types.js'
import type { Readable } from './readable.js'

/** What the page client wants its worker constructed with. Pass it on as it is. */
export interface WorkerRequest {
  readonly type: 'module'
  readonly name: string
  readonly extendedLifetime: true
  /** False: a `Worker` is wanted, because there is no SharedWorker here or it does not work. */
  readonly isShared: boolean
}

export type Auth = string | URL | (() => string | undefined | Promise<string | undefined>)

export interface ConnectOptions<App extends AppTypes = Untyped> {
  /** Where the gateway listens: `wss://…`, or a path of this origin. */
  readonly url: string | URL
  /**
   * The worker: its address, or a function that makes it, so that a bundler sees the constructor
   * with its `new URL(…, import.meta.url)`. Default: the prebuilt file beside the page client. A function that
   * makes a SharedWorker whatever `isShared` says is of no use where there is none.
   */
  readonly worker?: string | URL | ((request: WorkerRequest) => SharedWorker | Worker) | undefined
  /** Whose data this is. Two identities share nothing. Absent: anonymous. */
  readonly identity?: string | undefined
  /**
   * Where tokens come from. A function is called when the broker needs one, in one living tab, not in
   * all. An address is fetched by the worker itself, with cookies and also when no tab lives; it answers
   * 200 with the token as text, or 204, 401, 403 if there is none. Absent: cookies, or nobody.
   */
  readonly auth?: Auth | undefined
  /** `strict` (default) survives a power loss, `relaxed` only a crash. */
  readonly durability?: 'strict' | 'relaxed' | undefined
  /** Limits of the outbox. Default: 1,000 operations, 16 MiB of payload, and `reject` beyond. */
  readonly outbox?: OutboxLimits | undefined
  /** What single close codes of your server mean, where it differs from the standard table. */
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
  /**
   * When so many attempts in a row have failed, the line stops, until `reconnect()` or another tab
   * comes. Default: it never gives up.
   */
  readonly maxAttempts?: number | undefined
  /**
   * Milliseconds. When every tab was hidden for so long, the socket is closed; it is back when one is
   * seen. Meanwhile what is sent is queued, and nothing comes in. Default: never.
   */
  readonly pauseHidden?: number | undefined
  /**
   * Asked by GET, without cookies, when an attempt has failed without a word: whether the server
   * answers at all tells a broken network from a socket that is not let through (`status.cause`), and
   * its first good answer brings the next attempt forward. It has to allow this origin (CORS), and the worker's own policy has to allow it (`connect-src`).
   */
  readonly healthUrl?: string | URL | undefined
  /**
   * Asks the page's service worker, if it has one, for a Background Sync while something is queued;
   * `deliverInBackground()` of `partyline/service-worker` answers it. Default: true.
   */
  readonly background?: boolean | undefined
  /**
   * Standard Schema validators of what goes out and comes in. What goes out is sent as it was given, or
   * refused with `invalid`, at the call if the validator answers at once; what comes in is handed on
   * as the validator returns it. An event that is refused goes to `onError` and the channel goes on.
   */
  readonly schemas?: Schemas<App> | undefined
  /**
   * Told of what has no other place to go: an event that is not JSON or not valid, a handler that
   * threw (a consumer's: when its event is parked), a gap in front of a consumer that has no `onGap`, a
   * snapshot that failed, an operation that is lost if the page closes before it is stored
   * (`no-lifeboat`).
   */
  readonly onError?: ((error: PartylineError) => void) | undefined
}

/** Each call has two forms: of the names in `connect<App>()`, and of any name where that says none. */
export interface Line<App extends AppTypes = Untyped> extends Disposable {
  readonly status: Readable<Status>
  readonly outbox: Outbox
  /** Events that no consumer could handle, the same in every tab, kept until retried or discarded. */
  readonly parked: Parked
  channel<Name extends NameIn<App, 'channels'>>(
    name: Name,
  ): Channel<
    EntryOf<App, 'channels', Name>,
    EntryOf<App, 'signals', Name>,
    EntryOf<App, 'presence', Name>
  >
  channel<Payload = unknown, Signal = unknown, State = unknown>(
    name: FreeName<App, 'channels'>,
  ): Channel<Payload, Signal, State>
  /** Durable: kept until the server has settled it. */
  send<Type extends NameIn<App, 'operations'>>(
    type: Type,
    ...given: Given<App, 'operations', Type, SendOptions>
  ): Delivery<ResultOf<App, 'operations', Type>>
  send<Result = unknown>(
    type: FreeName<App, 'operations'>,
    payload?: unknown,
    options?: SendOptions,
  ): Delivery<Result>
  /**
   * Not durable: answered once, by the server or with why there is no answer. Rejects with `offline` at
   * once when the line is down, `interrupted` when the connection or the worker goes before the
   * response (it may have been done), `timeout`, `aborted`, `failed` (the server's own reason),
   * `invalid`.
   */
  request<Type extends NameIn<App, 'requests'>>(
    type: Type,
    ...given: Given<App, 'requests', Type, RequestOptions>
  ): Promise<ResultOf<App, 'requests', Type>>
  request<Result = unknown>(
    type: FreeName<App, 'requests'>,
    payload?: unknown,
    options?: RequestOptions,
  ): Promise<Result>
  /** Connect now, and ask for a new token if that is what is missing. A pause is not ended by it. */
  reconnect(): void
  /**
   * Closes the socket and makes no attempt, for all tabs, until one of them calls `resume()` or the
   * last one has left. What is sent is queued.
   */
  pause(): void
  /** Ends what `pause()` began, and connects at once. */
  resume(): void
  /**
   * Ends the line of this identity in every tab: the socket is closed, what waits for an outcome
   * rejects with `signed-out`, and so does whatever is asked of the line later. Resolves when another
   * identity may connect, rejects if the worker has not done it within 10 s.
   */
  signOut(options: SignOutOptions): Promise<void>
  /** This tab leaves; the others stay. What it has sent goes on. */
  close(): void
}

export interface SignOutOptions {
  /**
   * `discard`: gives up what is queued, and removes whatever this identity has on this machine.
   * `keep`: it is sent when the same identity connects again.
   */
  readonly outbox: 'discard' | 'keep'
}

/** What it is asked is answered by the broker that comes next, if one dies over it, or rejects with `timeout`. */
export interface Outbox extends Readable<readonly OutboxEntry[]> {
  /** Sends a failed operation again, at the end of its lane. */
  retry(key: Key): Promise<boolean>
  /** The same for all that have failed, in their order; says how many. */
  retryAll(): Promise<number>
  /**
   * Gives an operation up: its sender learns `discarded`, unless it was sent already and has taken
   * effect. Takes a failed one out of sight.
   */
  discard(key: Key): Promise<boolean>
}

export interface Parked extends Readable<readonly ParkedEvent[]> {
  /**
   * Hands it to its consumer again, before the next events. False: nobody consumes under that name
   * now, or there is no such event.
   */
  retry(key: string): Promise<boolean>
  /** Says whether there was one. */
  discard(key: string): Promise<boolean>
}

export interface RequestOptions {
  /** Milliseconds. Default: 10,000. */
  readonly timeout?: number | undefined
  /** What the server is asked to allow it for. Default: none. */
  readonly channel?: string | undefined
  /** Tells the server that nobody waits any more. */
  readonly signal?: AbortSignal | undefined
}

export interface SendOptions {
  /** Operations of one lane take effect in order. Default: the channel, else the type. */
  readonly lane?: string | undefined
  /** Chooses between lanes, never within one: larger goes first. Default: 0. */
  readonly priority?: number | undefined
  /**
   * Milliseconds from now. What has not taken effect by then never will: its outcome is `expired`.
   * Default: it waits for ever.
   */
  readonly ttl?: number | undefined
  /** Given up (`exhausted`) when it was sent so often without an answer. Default: never. */
  readonly maxAttempts?: number | undefined
  /**
   * Your own idempotency key: the same key twice is one operation, and both callers get its outcome.
   * Default: a new UUIDv7.
   */
  readonly key?: string | undefined
  /** Withdraws the operation, as `line.outbox.discard(delivery.key)` does. */
  readonly signal?: AbortSignal | undefined
}

export interface Delivery<Result = unknown> {
  readonly key: Key
  /**
   * On disk. Rejects with `no-storage` or `quota` where it is kept in memory only; it is sent all the
   * same.
   */
  readonly stored: Promise<void>
  /** Settled: resolves with the server's result, rejects with a `PartylineError`. */
  readonly done: Promise<Result>
}

export interface Channel<Payload, Signal = unknown, State = unknown> {
  readonly name: string
  subscribe<Whole = unknown>(
    handler: EventHandler<Payload>,
    options?: SubscribeOptions<Whole>,
  ): Subscription
  /**
   * Handles each event in exactly one tab of this browser, of all that consume under the same name; a
   * visible one is preferred. A name begins with what comes after its first call and then misses
   * nothing, whoever lives: its position is on disk, and moves when the handler's promise has settled.
   * If the tab dies in the middle, the event goes to another one, so it is handled at least once. A
   * handler that fails is called again, with a growing wait; then its event is parked (`line.parked`)
   * and the next one goes on.
   */
  consume(name: string, handler: ConsumeHandler<Payload>, options?: ConsumeOptions): Consumption
  /** A durable send whose type is `publish` and whose lane is the channel. */
  publish(payload: Payload, options?: SendOptions): Delivery<Published>
  /**
   * Said once and not kept: to the other tabs and browsers that listen now. While offline only the
   * other tabs hear it; of many in a moment the newest arrive. At most 4,096 characters of JSON.
   */
  signal(payload: Signal): void
  /** Hears signals, not this tab's own; returns its own undo. */
  onSignal(handler: SignalHandler<Signal>): () => void
  readonly presence: Presence<State>
}

export type SignalHandler<Signal> = (payload: Signal, from: SignalInfo) => void

export interface SignalInfo {
  readonly channel: string
  /** Whose it is, as in `Member.id`; all tabs of a browser have the same. Undefined: nobody knows. */
  readonly member?: string
}

/**
 * Who is there. A member is one browser of one identity, whatever the number of its tabs. Known while
 * somebody has subscribed, and for a moment after; before, the value is empty.
 */
export interface Presence<State = unknown> extends Readable<readonly Member<State>[]> {
  /**
   * Shows this browser to the others, until this tab leaves or says undefined; of several tabs the one
   * that said something last is shown. At most 4,096 characters of JSON.
   */
  set(state: State | undefined): void
}

export interface Member<State = unknown> {
  /** Given by the server, the same as long as its session lives. */
  readonly id: string
  readonly identity?: string
  readonly state: State
  readonly isSelf: boolean
}

export type ConsumeHandler<Payload> = (payload: Payload, event: ConsumeInfo) => unknown

export interface ConsumeInfo extends EventInfo {
  /** How often this event was handed out, this time included. */
  readonly attempt: number
  /**
   * Aborts when this tab need not go on: the handler took too long, the tab has stopped consuming, or
   * another worker has taken over, which may offer the event again.
   */
  readonly signal: AbortSignal
}

export interface ConsumeOptions {
  /** An event whose handler failed so often is parked. Default: 5. */
  readonly maxAttempts?: number | undefined
  /** Milliseconds that a handler has; then it has failed. Default: 30,000. */
  readonly timeout?: number | undefined
  /**
   * Events were lost before the consumer got them. It goes on from `gap.cursor`. One tab is told, and
   * its `onError` (`gap`) where it has none of this.
   */
  readonly onGap?: ((gap: Gap) => void) | undefined
  /** Stops consuming. */
  readonly signal?: AbortSignal | undefined
}

export interface Consumption extends Disposable {
  readonly channel: string
  readonly name: string
  /** This tab handles nothing more. What it has in hand goes to another one, or waits for one. */
  stop(): void
}

export type EventHandler<Payload> = (payload: Payload, event: EventInfo) => void

export interface EventInfo {
  readonly channel: string
  readonly id: EventId
  /** Where the channel stands with this event: what `from: { after }` takes. */
  readonly cursor: Cursor
  /** From this browser's disk, and perhaps long ago: see `history`. */
  readonly isKept?: true
}

/** What the gateway answers to a publish. */
export interface Published {
  readonly id: EventId
}

export interface SubscribeOptions<Whole = unknown> {
  /**
   * `now` (default): what comes. `last`: first what this browser missed since it last saw the
   * channel. `{ after }`: first what came after that position.
   */
  readonly from?: 'now' | 'last' | { readonly after: Cursor | string } | undefined
  /**
   * The last n events are kept on disk, at most 1,000. A new subscription is first given those that
   * are there (`isKept`), at once and with no network too, and goes on behind them, as with
   * `from: 'last'`; `from` may say nothing else. There are bounds over all channels, within which the
   * least recently used one goes first.
   */
  readonly history?: number | undefined
  /** Events are missing. Live delivery goes on from `gap.cursor`, or from the snapshot if there is one. */
  readonly onGap?: ((gap: Gap) => void) | undefined
  /**
   * Fetches the whole state and where it was taken. Asked for at the beginning, unless `from` says
   * what to go on from (`last` says nothing in a browser that never saw the channel), and after every
   * gap; meanwhile no event is delivered, then those after `at` are. Tried again, with a growing
   * wait, while it fails; the first failure goes to `onError`.
   */
  readonly snapshot?: ((request: SnapshotRequest) => Promise<Snapshot<Whole>>) | undefined
  /** Takes what `snapshot` brought: the state that the next events apply to. */
  readonly onSnapshot?: ((state: Whole) => void) | undefined
  /** Stops the subscription. */
  readonly signal?: AbortSignal | undefined
}

export interface SnapshotRequest {
  /** Aborts when nobody wants it any more, or after a minute. */
  readonly signal: AbortSignal
}

export interface Snapshot<Whole = unknown> {
  readonly state: Whole
  /** The last event that the state contains. */
  readonly at: Cursor | string
}

export interface Gap {
  readonly channel: string
  readonly reason: GapReason
  readonly cursor: Cursor
}

export interface Subscription extends Disposable {
  readonly channel: string
  /** Where this subscription stands; undefined while nobody knows, and while a snapshot is fetched. */
  readonly cursor: Cursor | undefined
  stop(): void
}
