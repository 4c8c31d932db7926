/**
 * Owns the bell of a board: it calls everybody who has the board open, now. A ring that comes an hour
 * late is worse than none, so it has a time to live, a lane of its own, and goes before the cards.
 */
export const RING = 'bell.ring'

/** Milliseconds after which nobody needs to hear it any more. */
export const RING_TTL_MS = 20_000

/** What everybody hears. */
export interface Ring {
  readonly by: string
}

/** The lane of its operations and the channel of its events. */
export const bellOf = (board: string): string => `bell/${board}`
