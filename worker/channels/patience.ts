/**
 * Owns the patience with tabs that do not read (F18, P14). Credit belongs to the whole line: events
 * that nobody confirms would keep the others from theirs, for as long as a frozen tab stays frozen.
 * So while too much is unseen, a channel in which nothing moves for a while gives its events up; who
 * wanted them is told of a gap. Whoever reads, however slowly, is left in peace.
 */
import type { Clock } from '../clock.js'
import type { Channel } from './channel.js'

export interface Patience {
  /** Events have come in. */
  check(): void
  close(): void
}

const PATIENCE_MS = 5_000

export function createPatience(
  clock: Clock,
  tolerated: number,
  channels: () => Iterable<Channel>,
): Patience {
  let stopTimer: (() => void) | null = null

  function check(): void {
    if (stopTimer) return
    const waiting = [...channels()].filter(({ unseen }) => unseen > 0)
    if (waiting.reduce((sum, { unseen }) => sum + unseen, 0) < tolerated) return
    const before = new Map(waiting.map((channel) => [channel, channel.freed]))
    stopTimer = clock.after(PATIENCE_MS, () => {
      stopTimer = null
      for (const [channel, freed] of before) if (channel.freed === freed) channel.giveUp()
      check()
    })
  }

  return {
    check,
    close() {
      stopTimer?.()
    },
  }
}
