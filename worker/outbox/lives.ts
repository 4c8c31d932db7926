/**
 * Owns the time to live of operations: how much of it is left, and who has outlived it.
 *
 * While a broker lives it counts on the monotonic clock. Between two brokers only the wall clock is
 * left, and one that went backwards counts as nothing elapsed: a wrong clock does no harm, and a right
 * one is not asked for more than it knows.
 */
import type { Clock } from '../clock.js'
import type { Item } from './lanes.js'
import type { StoredOperation } from './operation.js'

export interface Lives {
  /** When the operation ends, on the monotonic clock. */
  endOf(operation: StoredOperation): number
  /** What the disk is to know of the item now. */
  snapshot(item: Item): StoredOperation
  /** The item may be the next to end. */
  watch(item: Item): void
  close(): void
}

export function createLives(
  clock: Clock,
  items: () => Iterable<Item>,
  onEnded: (item: Item) => void,
): Lives {
  let nextAt = Infinity
  let stop = (): void => {}

  function arm(at: number): void {
    stop()
    nextAt = at
    stop = at === Infinity ? () => {} : clock.after(at - clock.now(), sweep)
  }

  function sweep(): void {
    const now = clock.now()
    let next = Infinity
    for (const item of [...items()]) {
      if (item.expiresAt <= now) onEnded(item)
      else next = Math.min(next, item.expiresAt)
    }
    arm(next)
  }

  return {
    endOf({ life }) {
      if (!life) return Infinity
      return clock.now() + life.left - Math.max(0, clock.wall() - life.at)
    },
    snapshot({ operation, expiresAt }) {
      if (expiresAt === Infinity) return operation
      return { ...operation, life: { left: expiresAt - clock.now(), at: clock.wall() } }
    },
    watch({ expiresAt }) {
      if (expiresAt < nextAt) arm(expiresAt)
    },
    close: () => stop(),
  }
}
