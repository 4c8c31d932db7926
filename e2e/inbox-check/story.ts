/**
 * Owns what a session leaves behind for the judge: facts in the order in which the recorder took
 * them, and all that the channels ever had, trimmed or not. Plain data.
 *
 * A tab records what it was told while it is being told, and waits for the answer: what an app knows
 * is recorded, whatever becomes of the tab. `subscription` is a name that is used once in a session.
 */
import type { ErrorCode } from '../../protocol/errors.js'
import type { GapReason } from '../../protocol/index.js'

export type Beginning = 'now' | 'last' | { readonly after: string }

/** What one subscription was told, or did. */
export type Chapter =
  | {
      readonly fact: 'subscribed'
      readonly channel: string
      readonly from: Beginning
      readonly hasSnapshot: boolean
    }
  /** Before it was told anything it knew that it stands after this event. */
  | { readonly fact: 'placed'; readonly id: string }
  | { readonly fact: 'event'; readonly id: string; readonly payload: unknown }
  | { readonly fact: 'gap'; readonly reason: GapReason; readonly id: string }
  | { readonly fact: 'snapshot'; readonly at: string }
  | { readonly fact: 'stopped' }

export type SubscriptionFact = Chapter & { readonly tab: string; readonly subscription: string }

export type TabFact =
  | SubscriptionFact
  | { readonly fact: 'error'; readonly tab: string; readonly code: ErrorCode }

export type TabEnd =
  | 'closed'
  | 'reloaded'
  /** The browser had no place for it in the back/forward cache. */
  | 'evicted'

export type Fact = (
  | TabFact
  | { readonly fact: 'tab-ended'; readonly tab: string; readonly how: TabEnd }
  | { readonly fact: 'worker-killed' }
  /** The newest event that is gone. */
  | { readonly fact: 'trimmed'; readonly channel: string; readonly upTo: string }
) & {
  /** Milliseconds since the session began. */
  readonly atMs?: number
}

export interface LogEntry {
  readonly id: string
  readonly payload: unknown
}

export interface Story {
  readonly facts: readonly Fact[]
  /** Of each channel everything, oldest first. */
  readonly logs: ReadonlyMap<string, readonly LogEntry[]>
}

/** The id of the place before the first event, as the gateway's log has it. */
export const BEGINNING = '0'
