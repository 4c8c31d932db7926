/** Owns what a session may ask of a page that reads, `window.reading`. Plain data. */
import type { Place } from '../../support/gateway-questions.js'
import type { Parking } from '../story.js'

export interface PageOptions {
  readonly url: string
  readonly worker: string
  readonly recorder: string
  /** The name of this life of the tab, in the facts. */
  readonly tab: string
}

/** Where a snapshot comes from, and how much later than it was taken. */
export interface SnapshotChoice {
  readonly by: 'request' | 'address'
  readonly lateMs: number
}

export interface Reading {
  readonly subscription: string
  readonly channel: string
  /** `after` nothing: from the beginning. */
  readonly from: 'now' | 'last' | { readonly after?: Place }
  readonly snapshot?: SnapshotChoice
  readonly history?: number
}

export interface Task {
  readonly channel: string
  readonly consumer: string
  readonly takesMs: number
  /** So many attempts of every tenth event fail. */
  readonly fails: number
}

/** What a tab knew, and the locks of its origin: where to look when something has not happened. */
export interface Witness {
  /** When it said what of the line. */
  readonly statuses: readonly string[]
  readonly held: readonly string[]
  readonly awaited: readonly string[]
}

export interface PageApi {
  /** The name of this life; undefined until `connect`. */
  readonly tab: string | undefined
  readonly isOnline: boolean
  connect(options: PageOptions): void
  subscribe(reading: Reading): void
  stop(subscription: string): void
  consume(task: Task): void
  parked(): readonly Parking[]
  publish(channel: string, payloads: readonly unknown[]): void
  witness(): Promise<Witness>
}

declare global {
  interface Window {
    readonly reading: PageApi
  }
}
