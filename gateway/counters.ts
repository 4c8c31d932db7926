/**
 * Owns the numbers that the gateway tells about itself: why clients drop, how often, what they had
 * missed. Counting only; whoever wants rates asks twice.
 */
import type { GapReason } from '../protocol/wire/frames-down.js'

export interface Counters {
  /** Sockets opened since the start. */
  opened: number
  /** Events appended for a channel that somebody here subscribes to. */
  events: number
  /** Events sent, over all connections. */
  delivered: number
  /** Events of these that were a catch-up. */
  replayed: number
  /** Operations answered, by how. */
  ops: number
  duplicates: number
  refused: number
  retried: number
  unauthorized: number
  /** Operations of those refused whose number was settled, nobody knows how. */
  unknown: number
  /** Pages given. Their events count as delivered and replayed. */
  pages: number
  /** Requests answered, and those of them that were answered with an error. */
  requests: number
  requestErrors: number
  /** Signals passed on, and those that were dropped: not allowed, too many or too long. */
  signals: number
  signalsDropped: number
  /** What clients wanted of the presence of a channel, and did not get. */
  presenceRefused: number
  /** Connections that went silent. */
  halfOpen: number
  readonly gaps: Record<GapReason, number>
  /** Connections ended, by close code; 1006: without one. */
  readonly closes: Record<string, number>
}

export const createCounters = (): Counters => ({
  opened: 0,
  events: 0,
  delivered: 0,
  replayed: 0,
  ops: 0,
  duplicates: 0,
  refused: 0,
  retried: 0,
  unauthorized: 0,
  unknown: 0,
  pages: 0,
  requests: 0,
  requestErrors: 0,
  signals: 0,
  signalsDropped: 0,
  presenceRefused: 0,
  halfOpen: 0,
  gaps: { trimmed: 0, epoch: 0, ahead: 0, slow: 0 },
  closes: {},
})
