/**
 * Owns what a spec may ask of the page under test, `window.tab`, and what the page writes down by
 * itself. Everything here is plain data, because it crosses from the browser to the spec.
 */

import type { Member } from '../../page-client/api.js'
import type { ErrorInfo } from '../../protocol/errors.js'
import type { GapReason } from '../../protocol/index.js'
import type { OutboxEntry, OutboxLimits, ParkedEvent } from '../../protocol/port.js'
import type { Status } from '../../protocol/status.js'

export interface WorkerChoices {
  readonly type?: WorkerType
  readonly credentials?: RequestCredentials
  readonly extendedLifetime?: boolean
}

export interface TabOptions {
  readonly url: string
  readonly worker?: string
  /** The app makes the SharedWorker itself, with these options and the name that it is given. */
  readonly workerOptions?: WorkerChoices
  readonly identity?: string
  /** What `auth` answers, one after the other; the last one until `setToken` says otherwise. */
  readonly token?: string | readonly string[]
  /** Another `auth` than that: one that never answers, none at all, or an address. */
  readonly auth?: 'silent' | 'absent' | { readonly url: string }
  readonly outbox?: OutboxLimits
  readonly background?: boolean
}

/** What a send may be given, as data. */
export interface SendChoices {
  readonly lane?: string
  readonly key?: string
  readonly priority?: number
  readonly ttl?: number
  readonly maxAttempts?: number
  /** Withdraws it so many milliseconds after the call; 0: it is withdrawn before the call. */
  readonly abortAfterMs?: number
}

/** What a request may be given, as data. */
export interface RequestChoices {
  readonly channel?: string
  readonly timeout?: number
  /** Aborts it so many milliseconds after the call; 0: before the call. */
  readonly abortAfterMs?: number
}

/** How a request ended. */
export type Reply = { readonly result: unknown } | { readonly error: ErrorInfo }

/** Where a subscription begins. */
export type From = 'now' | 'last' | { readonly after: string }

/** One answer of a scripted `snapshot`; the last one of a plan goes on. */
export type SnapshotStep = { readonly state: unknown; readonly at: string } | 'fails' | 'hangs'

/** Scripted, or fetched: an address that answers with `{ state, at }` as JSON. */
export type SnapshotPlan = readonly SnapshotStep[] | { readonly url: string }

/** What a handler of a consumer does with its events; without any plan it is done with each at once. */
export interface HandlerPlan {
  /** Events with these payloads; it is done with the others at once. Absent: all. */
  readonly only?: readonly unknown[]
  /** What it does takes so long. */
  readonly takesMs?: number
  /** So many attempts of an event fail, from the first on. */
  readonly fails?: number
  /** It never settles. */
  readonly hangs?: boolean
}

/** What `consume` may be given, as data. */
export interface ConsumeChoices {
  readonly maxAttempts?: number
  readonly timeout?: number
  /** Where its runs are told, beside the log, which dies with the tab. */
  readonly diary?: { readonly address: string; readonly tab: string }
}

/** A step of a handler's life with one event. */
export interface Run {
  /** Which tab, in a diary; the log is that of one tab anyway. */
  readonly tab: string
  readonly channel: string
  /** The consumer's. */
  readonly name: string
  readonly what: 'begun' | 'done' | 'failed' | 'aborted'
  readonly id: string
  readonly payload: unknown
  readonly attempt: number
  /** Wall-clock milliseconds. */
  readonly at: number
}

/** What one subscription was told, in this order. */
export interface Story {
  readonly channel: string
  readonly chapters: Chapter[]
}

export type Chapter =
  | { readonly kind: 'event'; readonly id: string; readonly isKept?: true }
  | { readonly kind: 'gap'; readonly reason: GapReason; readonly id: string }
  | { readonly kind: 'snapshot'; readonly state: unknown }

/** Everything that the tab was told, oldest first. Times are wall-clock milliseconds. */
export interface TabLog {
  /** When `connect` was called for the last time. */
  connectedAt: number
  readonly statuses: { readonly at: number; readonly status: Status }[]
  readonly events: Received[]
  readonly gaps: { readonly channel: string; readonly reason: GapReason }[]
  /** One for each call of `subscribe`, in that order. */
  readonly stories: Story[]
  /** What the handlers of this tab's consumers did. */
  readonly runs: Run[]
  readonly signals: HeardSignal[]
  /** Every list of members that was shown. */
  readonly members: { readonly at: number; readonly channel: string; readonly members: Member[] }[]
  readonly deliveries: Record<string, DeliveryRecord>
  readonly errors: ErrorInfo[]
  /** Every `pageshow`. */
  readonly shown: Shown[]
  /** How often `auth` was called in this tab. */
  tokensAsked: number
}

/** How the page came to be shown. */
export interface Shown {
  /** Out of the back/forward cache. */
  readonly isPersisted: boolean
  /** Why the browser did not keep it there, as far as it says; null: it had no reason. */
  readonly reasons: readonly string[] | null
}

export interface Received {
  readonly at: number
  readonly channel: string
  readonly id: string
  readonly payload: unknown
  /** It came from the disk. */
  readonly isKept?: true
}

export interface HeardSignal {
  readonly at: number
  readonly channel: string
  readonly payload: unknown
  readonly member?: string
}

export interface DeliveryRecord {
  stored: 'pending' | 'stored' | ErrorInfo
  done: 'pending' | { readonly result: unknown } | ErrorInfo
}

/** What cannot cross from a spec as data. */
export type AwkwardPayload = 'function' | 'cycle' | 'bigint'

export interface TabApi {
  readonly log: TabLog
  connect(options: TabOptions): ErrorInfo | undefined
  subscribe(channel: string, from?: From, snapshot?: SnapshotPlan, history?: number): void
  /** Stops every subscription of the channel. */
  unsubscribe(channel: string): void
  /** Where the first subscription of the channel stands, once the server has said so. */
  position(channel: string): string | undefined
  consume(channel: string, name: string, plan?: HandlerPlan, choices?: ConsumeChoices): void
  /** Stops every consumer of this name. */
  stopConsuming(name: string): void
  parked(): readonly ParkedEvent[]
  retryParked(key: string): Promise<boolean>
  discardParked(key: string): Promise<boolean>
  /** The driver keeps every page visible: so the page itself says whether it is. */
  setVisible(isVisible: boolean): void
  /** The page's thread stands still, as that of a frozen tab does; the site is asked for `/frozen` as it begins. */
  freeze(ms: number): void
  /** Whether a dedicated worker of this page runs: the broker lives in it. */
  leads(): boolean
  publish(channel: string, payload: unknown, choices?: SendChoices): string
  send(type: string, payload: unknown, choices?: SendChoices): string
  /** What a send with these options throws. */
  sendBadly(choices: SendChoices): ErrorInfo | undefined
  /** As `send`, with a payload that JSON cannot carry; the error that was thrown, if any. */
  sendAwkward(kind: AwkwardPayload): ErrorInfo | undefined
  request(type: string, payload?: unknown, choices?: RequestChoices): Promise<Reply>
  /** The error that was thrown, if any. */
  signal(channel: string, payload: unknown): ErrorInfo | undefined
  /** From now on the signals of the channel are in the log. */
  listen(channel: string): void
  unlisten(channel: string): void
  /** Shows this tab in the channel; undefined: no longer. */
  show(channel: string, state?: unknown): ErrorInfo | undefined
  /** From now on the members of the channel are in the log. */
  watch(channel: string): void
  unwatch(channel: string): void
  /** Who is there now, as far as the tab knows. */
  members(channel: string): readonly Member[]
  outbox(): readonly OutboxEntry[]
  discard(key: string): Promise<boolean>
  retry(key: string): Promise<boolean>
  retryAll(): Promise<number>
  /** Resolves with why it has failed, if it has. */
  signOut(outbox: 'discard' | 'keep'): Promise<ErrorInfo | undefined>
  /** The keys of what is in the lifeboats of all lines of this origin, in no order. */
  lifeboat(): readonly string[]
  /** Holds a Web Lock for as long as the page lives. */
  holdLock(name: string): Promise<void>
  /** Resolves when nobody of this origin holds the lock any longer, with the time. */
  lockFreed(name: string): Promise<number>
  setToken(token: string): void
  reconnect(): void
  /** From now on no backoff is waited for. */
  hurry(): void
  close(): void
}

declare global {
  interface Window {
    readonly tab: TabApi
  }
}
