/** Owns what a session may ask of a page under fire, `window.check`. Plain data. */
import type { Kind } from '../story.js'

export interface PageOptions {
  readonly url: string
  readonly worker: string
  readonly recorder: string
  /** The name of this life of the tab, in the facts. */
  readonly tab: string
}

export interface Sending {
  readonly key: string
  readonly lane: string
  readonly kind: Kind
  /** Characters of payload beside the rest. */
  readonly size: number
  readonly priority?: number
  /** Milliseconds. */
  readonly ttl?: number
}

export interface PagePayload {
  readonly key: string
  readonly lane: string
  readonly filling: string
}

export interface PageApi {
  connect(options: PageOptions): void
  /** All in one task; with `andClose` the page ends in that task too. */
  send(channel: string, sendings: readonly Sending[], andClose: boolean): void
  /** Gives up the newest of what waits, if anything does. */
  discardOne(): void
  close(): void
  /** Online, and nothing waits in the outbox or in a lifeboat. */
  isDrained(lifeboats: string): boolean
  /** Records the failures that the outbox still shows. */
  recordFailures(): void
}

declare global {
  interface Window {
    readonly check: PageApi
  }
}
