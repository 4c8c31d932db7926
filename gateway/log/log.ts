/**
 * Owns the port to the event log: what any engine must promise, whatever it is made of.
 *
 * One rule carries P3, P4 and P6: `commit` checks the operation's number, appends its events and
 * keeps its answer as one atomic, durable act. A promise of this port resolves after the data would
 * survive a crash, never before. `checkLog` (log-contract.ts) is this page as tests.
 *
 * What is remembered of operations, and for how long: a lane's watermark as long as the lane is; with
 * it the answers that its client may still wait for, which are those of the lane's newest epoch, not
 * declared settled, up to `LANE_ANSWERS` numbers back; every other key and answer for `keysMs`. What
 * was settled and is forgotten is `forgotten`, never guessed (F31).
 *
 * Text given to a log is well formed and has no NUL (see text.ts); anything else is rejected alone,
 * without harm to what is committed beside it.
 */
import type { Cursor, Epoch, EventId } from '../../protocol/ids.js'
import type { GapReason } from '../../protocol/wire/frames-down.js'

/** How far behind its watermark a lane keeps answers beyond `keysMs`: no window is wider by default. */
export const LANE_ANSWERS = 1_024

export interface Log {
  /** How long the key of a settled operation is remembered at least; absent: as long as its lane. */
  readonly keysMs?: number | undefined
  /** Settles one operation: effect and answer together, or neither. */
  commit(author: Author, effect: Effect): Promise<Settlement>
  /** What `commit` would say without an effect; undefined: this operation is the lane's next. */
  find(author: Author): Promise<Settlement | undefined>
  /** Appends an event of the server's own. */
  append(channel: string, payload: string): Promise<EventId>
  /** Up to `limit` events after a position; with `chars` fewer, about so many characters of them. */
  read(channel: string, from: Position, limit: number, chars?: number): Promise<Page>
  /** The newest `limit` events, or about `chars` of them, and where the channel stands with them. */
  tail(channel: string, limit: number, chars?: number): Promise<Stretch>
  /** Where the channel stands. A channel that never spoke has a position too. */
  position(channel: string): Promise<Cursor>
  /** Drops all but the newest `keep` events. */
  trim(channel: string, keep: number): Promise<void>
  /** The last settled number of each lane that this log remembers. */
  lanes(client: string, lanes: readonly string[]): Promise<readonly Watermark[]>
  /** The client has settled everything below `seq`: its answers are no longer needed. */
  forget(client: string, lane: string, epoch: number, seq: number): Promise<void>
  /**
   * Resolves when the listener is in place. It then hears every stretch appended to the channel, in
   * order, after it is durable and before the promise of its commit resolves.
   */
  follow(channel: string, listener: (stretch: Stretch) => void): Promise<() => void>
  close(): Promise<void>
}

/** Who numbers an operation, and how. `(client, lane, epoch, seq)` and `key` name it for its life. */
export interface Author {
  readonly client: string
  readonly lane: string
  readonly epoch: number
  readonly seq: number
  readonly key: string
  /** The lowest number of this epoch that the client has not settled: where a new count begins. */
  readonly lowest: number
  /**
   * The key of the operation that came under the number before, if one came. When that number is
   * known to be another operation's, this one is `out-of-order`: what it follows will come again in
   * a later epoch, and must not be overtaken (P4).
   */
  readonly follows?: string | undefined
}

export interface NewEvent {
  readonly channel: string
  readonly payload: string
}

export interface Effect {
  readonly publish: readonly NewEvent[]
  /** `last-id`: the result is `{"id":"…"}` of the last event published, known only by the log. */
  readonly answer: Answer | 'last-id'
}

/** How an operation ended. A refusal is an answer too: it settles the number for good. */
export type Answer =
  | { readonly ok: true; readonly result?: string }
  | { readonly ok: false; readonly code: string; readonly why?: string }

export type Settlement =
  | { readonly state: 'applied'; readonly answer: Answer }
  /** Settled before. Without an answer: it took effect, and the client has had the answer already. */
  | { readonly state: 'duplicate'; readonly answer?: Answer }
  /** The number was settled. Whose it was, and how, nobody remembers; nothing happened. */
  | { readonly state: 'forgotten' }
  /** The number cannot be used; nothing happened. */
  | { readonly state: 'misnumbered'; readonly why: Misnumbering; readonly expected: number }

/**
 * `out-of-order`: an earlier number of the lane is missing. `stale-epoch`: the lane has begun a
 * later epoch. `number-reused`: another operation had this number.
 */
export type Misnumbering = 'out-of-order' | 'stale-epoch' | 'number-reused'

/** A cursor as a client gives it; without an epoch it does not know which history it read. */
export interface Position {
  readonly epoch?: Epoch | undefined
  readonly id: EventId
}

/** A run of events without a hole: `after` is the id that precedes the first. */
export interface Stretch {
  readonly channel: string
  readonly epoch: Epoch
  readonly after: EventId
  readonly events: readonly LoggedEvent[]
}

export type LoggedEvent = readonly [id: EventId, payload: string]

/** A gap names the head, from where the reader may go on. */
export type Page =
  | (Stretch & { readonly state: 'events' })
  | {
      readonly state: 'gap'
      readonly reason: Exclude<GapReason, 'slow'>
      readonly head: Cursor
    }

export interface Watermark {
  readonly lane: string
  readonly epoch: number
  /** 0: nothing is settled yet. */
  readonly seq: number
}
