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
import type { WorkerAddress } from './line-name.js'
import type { Status } from './status.js'
import type { Verdict } from './wire/close-codes.js'
import type { GapReason } from './wire/frames-down.js'

/** What makes a line behave; the first tab that attaches decides. */
export interface LineOptions {
  readonly url: string
  readonly identity?: string | undefined
  /** What IndexedDB does before it says "stored": `strict` survives a power loss too. */
  readonly durability?: 'strict' | 'relaxed' | undefined
  readonly outbox?: OutboxLimits | undefined
  /** Overrides of single close codes. */
  readonly closeCodes?: Readonly<Record<number, Verdict>> | undefined
  /** So many attempts in a row may fail; then the line stops. Absent: as many as it takes. */
  readonly maxAttempts?: number | undefined
  /** Pauses when no tab was visible for so many milliseconds. Absent: never. */
  readonly pauseHidden?: number | undefined
  /** Asked over HTTP, absolute, when an attempt has failed without a word. */
  readonly healthUrl?: string | undefined
  /** Fetched with cookies, absolute, when the server wants a token. Absent: tabs are asked. */
  readonly authUrl?: string | undefined
}

/** How much may wait, and what becomes of more. */
export interface OutboxLimits {
  readonly operations?: number
  /** Characters of JSON in all payloads together. */
  readonly bytes?: number
  /** `drop-oldest` gives the oldest operation that was never sent the outcome `discarded`. */
  readonly overflow?: 'reject' | 'drop-oldest'
}

/** A tab's first words. */
export interface Hello {
  readonly contract: number
  readonly tab: TabId
  readonly line: LineOptions
  /** What it last knew of a pause that somebody asked for; counts in the first hello of a line. */
  readonly isPaused?: true
  /** Which worker of the line it has opened; absent: the first, under the line's own name. */
  readonly worker?: WorkerAddress
  /** Brokers of earlier generations that did not answer it: whoever of them hangs is to be replaced. */
  readonly accused?: readonly InstanceId[]
  /** Subscriptions that this tab brings along from an earlier broker, with where it stands. */
  readonly subscriptions: readonly Subscription[]
  /** Events that it offers to handle for the whole origin. */
  readonly consumptions: readonly Consumption[]
  /** Whether somebody can see it now. */
  readonly isVisible: boolean
  /** How far sign-outs had come when it began; absent: nobody can say, or it signs out itself. */
  readonly mark?: string
  /** It can be asked for tokens. */
  readonly hasAuth?: true
  /** Channels whose signals it wants to hear. */
  readonly listening: readonly string[]
  /** What it wants of the presence of channels. */
  readonly presence: readonly (readonly [channel: string, wish: PresenceWish])[]
}

/** All that a tab wants of a channel's presence; what it says replaces what it said before. */
export interface PresenceWish {
  readonly watch: boolean
  /** JSON text that the others are shown; absent: this tab adds nothing. */
  readonly state?: string
}

/** Who is there: one browser of one identity, with what it shows. */
export interface PortMember {
  readonly member: string
  readonly identity?: string
  /** JSON text. */
  readonly state: string
  readonly isSelf: boolean
}

export interface NewRequest {
  readonly type: string
  readonly channel?: string
  /** JSON text. */
  readonly payload?: string
  /** Milliseconds. */
  readonly timeout: number
}

export type RequestReply =
  | { readonly ok: true; readonly result?: string }
  | { readonly ok: false; readonly error: ErrorInfo }

export type HelloReply =
  | {
      readonly ok: true
      readonly instance: InstanceId
      /** The lock that it holds for as long as it serves its tabs; absent: there are no locks. */
      readonly life?: string
    }
  | { readonly ok: false; readonly error: ErrorInfo }

/** Where a subscription begins. */
export type From = 'now' | 'last' | { readonly after: Cursor | { readonly id: EventId } }

export interface Subscription {
  /** Chosen by the tab, unique within it; consumptions count along. */
  readonly id: number
  readonly channel: string
  readonly from: From
  /** See `BrokerSurface.hush`: so from the beginning. */
  readonly isUnheard?: true
  /**
   * The channel keeps its last events on disk, so many or more. A subscription that begins from `last`
   * is given the kept ones first, at once, and goes on behind them.
   */
  readonly history?: number
}

/** A tab offers to handle a channel's events; of all tabs that offer the same, one gets each event (P8). */
export interface Consumption {
  /** Chosen by the tab, unique within it; subscriptions count along. */
  readonly id: number
  readonly channel: string
  /** Whose position it is: two names are two consumers. */
  readonly name: string
  /** An event that failed so often is parked. */
  readonly maxAttempts: number
  /** Milliseconds that its handler has for one event. */
  readonly timeout: number
}

/** An event that its consumer could not handle. It waits for a person, and holds up nobody. */
export interface ParkedEvent {
  /** Names it on this line. */
  readonly key: string
  readonly channel: string
  /** Its consumer's. */
  readonly name: string
  /** Where the channel stands with it. */
  readonly cursor: Cursor
  /** JSON text. */
  readonly payload: string
  /** Why it failed the last time. */
  readonly error: ErrorInfo
  readonly attempts: number
  /** Wall-clock milliseconds. */
  readonly at: number
  /** The order of parking; whoever shows several sorts by it. */
  readonly n: number
}

/** How long an offered event may lie with a tab before it has begun: a tab that thaws later lets it be. */
export const OFFER_MS = 4_000

/** An operation as a tab hands it over. */
export interface NewOperation {
  readonly key: Key
  readonly lane: string
  readonly type: string
  readonly channel?: string
  /** JSON text. */
  readonly payload?: string
  /** Chooses between lanes, never within one: larger goes first. Absent: 0. */
  readonly priority?: number
  /** What is left of its life when it is handed over, in milliseconds. */
  readonly ttl?: number
  /** After so many transmissions without an answer that settles it, it is given up. */
  readonly maxAttempts?: number
  /** It was handed over before, or waited in a lifeboat: the broker may know how it ended. */
  readonly again?: true
}

/** An operation as any tab may see it. */
export interface OutboxEntry {
  readonly key: Key
  /** The order of sending over all lanes; whoever shows several sorts by it. */
  readonly n: number
  readonly lane: string
  readonly type: string
  readonly channel?: string
  /** JSON text, so that a page that opens offline can show what is queued. */
  readonly payload?: string
  /** Wall-clock milliseconds. */
  readonly createdAt: number
  readonly priority?: number
  /** Wall-clock milliseconds, as far as clocks can be trusted. */
  readonly expiresAt?: number
  /** How often it was sent. */
  readonly attempts: number
  /** `withdrawn`: given up after it was sent; which of the two came first is the server's word. */
  readonly state: 'queued' | 'sent' | 'withdrawn' | 'failed'
  /** How it ended, if it failed. */
  readonly outcome?: Failure
  readonly error?: ErrorInfo
}

export type Failure = Exclude<Outcome['outcome'], 'acked'>

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
  /** Something went wrong that only an app can mend. */
  | { readonly kind: 'problem'; readonly error: ErrorInfo }
  /** Somebody signed this identity out: the line is over in every tab. */
  | { readonly kind: 'signed-out' }
  /** From here on the subscriptions stand at this position; nothing before it is missing. */
  | {
      readonly kind: 'position'
      readonly subscriptions: readonly number[]
      readonly cursor: Cursor
      /** Asked for `last`, and this origin had never seen the channel: there was nothing to miss. */
      readonly isFirst?: true
    }
  | {
      readonly kind: 'events'
      readonly subscriptions: readonly number[]
      readonly channel: string
      readonly epoch: Cursor['epoch']
      readonly ids: readonly EventId[]
      /** The payloads of `ids`, joined by `SEPARATOR`. */
      readonly payloads: string
      /** From the disk, and perhaps long ago: the channel's `history`. */
      readonly isKept?: true
    }
  /** This tab is to handle this event, and nobody else; it answers with `handled`. */
  | {
      readonly kind: 'consume'
      readonly consumption: number
      readonly cursor: Cursor
      readonly payload: string
      /** The first is 1. */
      readonly attempt: number
      /** If it fails this time, it is parked. */
      readonly isLast?: true
      /** Wall-clock milliseconds; not to be begun later than `OFFER_MS` after. */
      readonly offeredAt: number
    }
  /** What changed among the parked events; `whole`: forget what was known before. */
  | {
      readonly kind: 'parked'
      readonly whole: boolean
      readonly put: readonly ParkedEvent[]
      readonly removed: readonly string[]
    }
  | {
      readonly kind: 'gap'
      readonly subscriptions: readonly number[]
      readonly channel: string
      readonly reason: GapReason
      readonly cursor: Cursor
    }
  | {
      readonly kind: 'signal'
      readonly channel: string
      readonly payload: string
      readonly member?: string
    }
  | {
      readonly kind: 'presence'
      readonly channel: string
      /** Forget who was there before. */
      readonly whole: boolean
      readonly members: readonly PortMember[]
      readonly left: readonly string[]
    }
  | {
      readonly kind: 'denied'
      readonly subscriptions: readonly number[]
      readonly error: ErrorInfo
    }

export interface Parcel {
  readonly instance: InstanceId
  readonly news: readonly News[]
  /** The last one: a worker of another version has the line, and is to be reached over its hub. */
  readonly isElsewhere?: boolean
}

/** What a page may ask of its broker; each port has one, and exposes a `TabSurface` in return. */
export interface BrokerSurface {
  hello(hello: Hello): Promise<HelloReply>
  /** Which broker is there. */
  ping(): InstanceId
  /**
   * Over this port nothing more is said. The tab's lock says the same if there is no time for it.
   * `fate`: its identity was signed out, perhaps under another broker, and so much for what it sent.
   */
  goodbye(fate?: 'discard' | 'keep'): void
  /** Resolves when the operation is on disk, or with the reason why it is not. */
  send(operation: NewOperation): Promise<ErrorInfo | undefined>
  subscribe(subscription: Subscription): void
  unsubscribe(id: number): void
  /**
   * From now on the subscription takes events only to keep its place: it has no state to apply them
   * to, and fetches one. What nobody else has seen does not count as seen by this origin.
   */
  hush(id: number): void
  consume(consumption: Consumption): void
  stopConsuming(id: number): void
  /** The handler of this attempt has settled; with an error, it has failed. */
  handled(id: number, attempt: number, event: EventId, error?: ErrorInfo): void
  /** Hands a parked event out again, before the next ones; says whether there is one, and a consumer. */
  unpark(key: string): boolean
  /** Says whether there was one. */
  discardParked(key: string): boolean
  /** Whether somebody can see the tab now. */
  visible(isVisible: boolean): void
  /** Answered once: by the server, or with why there is no answer (`offline`, `timeout`, …). */
  request(id: number, request: NewRequest): Promise<RequestReply>
  /** The tab does not wait for it any more; its promise is answered with `aborted`. */
  cancel(id: number): void
  /** Heard by the other tabs and browsers that listen; dropped while offline. */
  signal(channel: string, payload: string): void
  listen(channel: string, isOn: boolean): void
  /** Undefined: it wants nothing of it any more. */
  presence(channel: string, wish: PresenceWish | undefined): void
  /** Both say whether there was such an operation. */
  retry(key: Key): boolean
  /** Resolves when there is a line to ask: what was sent before that is withdrawn too. */
  discard(key: Key): Promise<boolean>
  /** Sends every failed operation again; says how many. */
  retryAll(): number
  /**
   * Resolves when the socket is closed and the disk has done what was asked, or with why it has not. Who
   * says hello later and has the same mark is signed out too.
   */
  signOut(outbox: 'discard' | 'keep', mark?: string): Promise<ErrorInfo | undefined>
  /** Connect now; ask for a new token if that is what is missing. */
  reconnect(): void
  /** For the whole line, until somebody resumes it or the last tab has left. */
  pause(): void
  resume(): void
  /** Something happened that may have broken the socket or mended the network. */
  suspect(why: Suspicion): void
}

export type Suspicion = 'online' | 'visible' | 'woke'

/** A token for this identity; undefined: there is none; `null`: it cannot be said now. */
export type TokenReply = string | undefined | null

/** What a broker may ask of a page. */
export interface TabSurface {
  /** Returning confirms: the tab has handled all of it. */
  take(parcel: Parcel): void
  token(): Promise<TokenReply>
}
