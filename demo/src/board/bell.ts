/**
 * Owns the bell: rings it with a time to live, and tells when somebody has rung. Events from `now` on,
 * because nobody wants to hear what rang while they were away.
 */
import type { Line } from 'partyline'
import { bellOf, RING, RING_TTL_MS, type Ring } from '../../shared/bell.js'

export interface Bell {
  ring(): void
  close(): void
}

export interface BellOptions {
  readonly line: Pick<Line, 'channel' | 'send'>
  readonly board: string
  readonly onRing: (by: string) => void
  readonly onRefused: (error: unknown) => void
}

export function createBell({ line, board, onRing, onRefused }: BellOptions): Bell {
  const lane = bellOf(board)
  const subscription = line.channel<Ring>(lane).subscribe(({ by }) => onRing(by))
  return {
    ring() {
      // Priority chooses between lanes: it need not wait until a hundred cards are through.
      line.send(RING, undefined, { lane, ttl: RING_TTL_MS, priority: 1 }).done.catch(onRefused)
    },
    close: () => subscription.stop(),
  }
}
