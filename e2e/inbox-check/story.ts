/**
 * Owns what a session leaves behind for the judge: facts in the order in which the recorder took
 * them, and all that the channels ever had, trimmed, forgotten or not. Plain data.
 *
 * A tab records what it was told while it is being told, and waits for the answer: what an app knows
 * is recorded, whatever becomes of the tab. `subscription` is a name that is used once in a session.
 * An `id` here is that of the gateway with the epoch before it: a log that was emptied gives out
 * the same ids again.
 */
import type { ErrorCode } from '../../protocol/errors.js'
import type { GapReason } from '../../protocol/index.js'

/** `after` the empty id: from the beginning, of whatever history there is. */
export type Beginning = 'now' | 'last' | { readonly after: string }

/** What one subscription was told, or did. */
export type Chapter =
  | {
      readonly fact: 'subscribed'
      readonly channel: string
      readonly from: Beginning
      readonly hasSnapshot: boolean
      /** How many kept events it may be given first. */
      readonly history?: number | undefined
    }
  /** Before it was told anything it knew that it stands after this event. */
  | { readonly fact: 'placed'; readonly id: string }
  | {
      readonly fact: 'event'
      readonly id: string
      readonly payload: unknown
      readonly isKept?: true | undefined
    }
  | { readonly fact: 'gap'; readonly reason: GapReason; readonly id: string }
  | { readonly fact: 'snapshot'; readonly at: string }
  | { readonly fact: 'stopped' }

export type SubscriptionFact = Chapter & { readonly tab: string; readonly subscription: string }

/** What a tab did as one of those who handle the events of a consumer. */
export type Turn =
  | { readonly fact: 'consuming' }
  | Attempted
  | { readonly fact: 'skipped'; readonly reason: GapReason; readonly id: string }

export interface Attempted {
  readonly fact: 'begun' | 'done' | 'failed'
  readonly id: string
  readonly payload: unknown
  readonly attempt: number
}

export type TurnFact = Turn & {
  readonly tab: string
  readonly channel: string
  readonly consumer: string
}

export type TabFact =
  | SubscriptionFact
  | TurnFact
  | { readonly fact: 'error'; readonly tab: string; readonly code: ErrorCode }

export type TabEnd =
  | 'closed'
  | 'reloaded'
  /** The browser had no place for it in the back/forward cache. */
  | 'evicted'
  /** With its browser. */
  | 'killed'

export type Fact = (
  | TabFact
  /** It is about to: the others may know before we do. */
  | { readonly fact: 'tab-goes'; readonly tab: string }
  /** Out of the back/forward cache. */
  | { readonly fact: 'tab-back'; readonly tab: string }
  | { readonly fact: 'tab-ended'; readonly tab: string; readonly how: TabEnd }
  | { readonly fact: 'worker-killed' }
  /** The newest event that is gone. */
  | { readonly fact: 'trimmed'; readonly channel: string; readonly upTo: string }
  | { readonly fact: 'emptied' }
  | { readonly fact: 'denied'; readonly channel: string }
  /** What lies parked in the end. */
  | { readonly fact: 'parked'; readonly events: readonly Parking[] }
) & {
  /** Milliseconds since the session began. */
  readonly atMs?: number
}

export interface Parking {
  readonly channel: string
  readonly consumer: string
  readonly id: string
}

export interface LogEntry {
  readonly id: string
  readonly payload: unknown
}

/** What a channel had between two emptyings of the log, oldest first. */
export interface History {
  readonly epoch: string
  readonly entries: readonly LogEntry[]
}

export interface Story {
  readonly facts: readonly Fact[]
  /** Of each channel everything, oldest first. */
  readonly logs: ReadonlyMap<string, readonly History[]>
}

/** The id of the place before the first event, as the gateway's log has it; the empty one says the same. */
export const BEGINNING = '0'

export const idIn = (epoch: string, id: string): string => `${epoch}/${id || BEGINNING}`

/** How often a consumer's event is tried. */
export const ATTEMPTS_MAX = 3

const BRIEF = 40

/** A long payload is there for its length; that it is the right one its beginning says. */
export const brief = (payload: unknown): unknown =>
  typeof payload === 'string' && payload.length > BRIEF
    ? `${payload.slice(0, BRIEF)} and so on, ${payload.length}`
    : payload
