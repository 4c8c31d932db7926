/**
 * Owns what a spec may ask of the page under test, `window.tab`, and what the page writes down by
 * itself. Everything here is plain data, because it crosses from the browser to the spec.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { GapReason } from '../../protocol/index.js'
import type { OutboxEntry } from '../../protocol/port.js'
import type { Status } from '../../protocol/status.js'

export interface TabOptions {
  readonly url: string
  readonly worker?: string
  readonly identity?: string
  /** What `auth` answers, until `setToken` says otherwise. */
  readonly token?: string
  readonly outbox?: { readonly operations?: number; readonly bytes?: number }
}

/** Everything that the tab was told, oldest first. Times are wall-clock milliseconds. */
export interface TabLog {
  readonly statuses: { readonly at: number; readonly status: Status }[]
  readonly events: Received[]
  readonly gaps: { readonly channel: string; readonly reason: GapReason }[]
  readonly deliveries: Record<string, DeliveryRecord>
  readonly errors: ErrorInfo[]
  /** How often `auth` was called in this tab. */
  tokensAsked: number
}

export interface Received {
  readonly at: number
  readonly channel: string
  readonly id: string
  readonly payload: unknown
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
  subscribe(channel: string, from?: 'now' | 'last' | { readonly after: string }): void
  /** Where the first subscription of the channel stands, once the server has said so. */
  position(channel: string): string | undefined
  publish(channel: string, payload: unknown): string
  send(type: string, payload: unknown): string
  /** As `send`, with a payload that JSON cannot carry; the error that was thrown, if any. */
  sendAwkward(kind: AwkwardPayload): ErrorInfo | undefined
  outbox(): readonly OutboxEntry[]
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
