/**
 * Owns the order of writing (P2): at most one transaction in flight, because a worker that ends with
 * two of them wedges WebKit's database for good (F23), and everything asked for in the same turn, or
 * while the last one runs, shares the next.
 *
 * A transaction that has not ended by its deadline counts as failed. After the first failure
 * nothing more is tried: every write is refused, and `onBroken` says so once.
 */
import type { Clock } from '../clock.js'
import { onDeadline } from './deadline.js'
import type { Change, Store } from './store.js'

export interface GroupCommit {
  /** Resolves when the changes are durable. Order of calls = order on disk. */
  write(changes: readonly Change[]): Promise<void>
  /** Resolves when nothing is under way or waiting, at the latest after the deadlines of both. */
  idle(): Promise<void>
}

export function createGroupCommit(
  store: Store,
  clock: Clock,
  onBroken: (reason: unknown) => void,
): GroupCommit {
  type Waiting = { resolve(): void; reject(reason: unknown): void }
  let changes: Change[] = []
  let waiting: Waiting[] = []
  let isRunning = false
  let running = Promise.resolve()
  let broken: { readonly reason: unknown } | null = null

  async function run(): Promise<void> {
    // One turn of grace, so that whatever the same task still writes comes along.
    await null
    while (waiting.length) {
      const batch = { changes, waiting }
      changes = []
      waiting = []
      const failure = broken ?? (await attempt(batch.changes))
      if (failure && !broken) {
        broken = failure
        onBroken(failure.reason)
      }
      for (const one of batch.waiting) failure ? one.reject(failure.reason) : one.resolve()
    }
    isRunning = false
  }

  function attempt(batch: readonly Change[]): Promise<{ readonly reason: unknown } | null> {
    return new Promise((resolve) => {
      const stop = onDeadline(clock, () => resolve({ reason: new Error('disk timed out') }))
      const commit = async (): Promise<void> => store.commit(batch)
      commit()
        .then(
          () => resolve(null),
          (reason: unknown) => resolve({ reason }),
        )
        .finally(stop)
    })
  }

  return {
    write(more) {
      return new Promise((resolve, reject) => {
        changes.push(...more)
        waiting.push({ resolve, reject })
        if (isRunning) return
        isRunning = true
        running = run()
      })
    },
    idle: () => running,
  }
}
