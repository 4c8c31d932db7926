/**
 * Owns how long to wait before an attempt (P11): pure, the randomness comes in as `roll`.
 *
 * Full jitter: anywhere between nothing and the ceiling, because only that spreads a herd. The cap
 * applies to the ceiling, before the jitter: the other way round all late clients meet at the cap.
 */
import type { Timing } from './timing.js'

/** How forbearing to be: a busy server is spared the short waits, a restarting one is coming back. */
export type Patience = 'retry' | 'restart' | 'busy'

export function retryDelay(
  attempt: number,
  roll: number,
  timing: Timing,
  patience: Patience = 'retry',
): number {
  if (attempt <= 1 && patience === 'retry') return roll * timing.firstRetryMs
  const doublings = Math.max(attempt, patience === 'retry' ? 2 : 4) - 2
  const ceiling = Math.min(timing.backoffCapMs, timing.backoffBaseMs * 2 ** Math.min(doublings, 30))
  return patience === 'busy' ? (ceiling * (1 + roll)) / 2 : ceiling * roll
}
