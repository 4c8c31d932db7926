/**
 * Owns what a session leaves behind for the judge: facts in the order in which the recorder took
 * them, and the gateway's log. Plain data.
 *
 * The order proves things. A tab records `sent` and waits for the answer before it sends: whatever
 * reached a worker is recorded. It records `stored` and outcomes after it was told: whatever is
 * recorded had happened.
 */
import type { ErrorCode } from '../../protocol/errors.js'

/** What an operation may come to by its own nature. */
export type Kind =
  | 'publish'
  /** The server refuses it for good (the type `forbidden` of gateway-program.js). */
  | 'poison'
  /** Its time to live may pass before it arrives. */
  | 'short-lived'

export type TabFact =
  | {
      readonly fact: 'sent'
      readonly tab: string
      readonly lane: string
      readonly key: string
      readonly kind: Kind
    }
  | { readonly fact: 'stored'; readonly tab: string; readonly key: string }
  | {
      readonly fact: 'not-stored'
      readonly tab: string
      readonly key: string
      readonly code: string
    }
  /** `id` is the event's, as the server's result says. */
  | { readonly fact: 'acked'; readonly tab: string; readonly key: string; readonly id: string }
  | {
      readonly fact: 'failed'
      readonly tab: string
      readonly key: string
      readonly code: ErrorCode
      /** Discarded when it may already have reached the server. */
      readonly wasSent: boolean
    }
  /** Recorded before the discard is asked for. */
  | { readonly fact: 'discard-asked'; readonly tab: string; readonly key: string }

export type TabEnd =
  | 'closed'
  | 'reloaded'
  /** Its process died. */
  | 'crashed'
  /** It died with the browser. */
  | 'killed'

export type Fact =
  | TabFact
  | { readonly fact: 'tab-ended'; readonly tab: string; readonly how: TabEnd }
  | { readonly fact: 'browser-killed' }

export interface LogEntry {
  readonly id: string
  readonly key: string
  readonly lane: string
}

export interface Story {
  readonly facts: readonly Fact[]
  /** Oldest first. */
  readonly log: readonly LogEntry[]
  /** Whether the last visit saw the outbox and the lifeboats empty. */
  readonly isDrained: boolean
}
