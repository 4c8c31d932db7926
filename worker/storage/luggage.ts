/**
 * Owns what is carried over when a broker that had to live in memory moves to its disk: how operations
 * ended meanwhile, those that failed, and how far the channels were read. Nothing is queued then, so no
 * number is carried: they belong to a client that the server will not hear of again.
 *
 * The disk may know the same operations, by lifeboats that were not emptied in time. What became of
 * them in memory is their end (P3, P5): the server does not know these keys from that other client.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { Change, Loaded } from './store.js'

export interface Unpacked {
  readonly loaded: Loaded
  /** What the disk has to do for it. */
  readonly changes: readonly Change[]
}

export function unpack(found: Loaded, luggage: readonly Change[]): Unpacked {
  const operations = byKey(found.operations)
  const settled = byKey(found.settled)
  const cursors = new Map<string, Cursor>(found.cursors)
  // Younger than all that is there: it stands behind it.
  let n = Math.max(0, ...found.operations.map((one) => one.n), ...found.settled.map((one) => one.n))
  /** Failures that are luggage themselves: an older end of theirs is remembered beside them. */
  const failed = new Set<string>()
  const changes = luggage.flatMap((change): Change[] => {
    switch (change.type) {
      case 'put-operation': {
        const operation = { ...change.operation, n: ++n }
        const { key } = operation
        operations.delete(key)
        operations.set(key, operation)
        failed.add(key)
        return [{ type: 'put-operation', operation }]
      }
      case 'put-settled': {
        const one = { ...change.settled, n: ++n }
        const { key } = one
        const isOnDisk = !failed.has(key) && operations.delete(key)
        settled.delete(key)
        settled.set(key, one)
        const put = { type: 'put-settled', settled: one } as const
        return isOnDisk ? [{ type: 'delete-operation', key }, put] : [put]
      }
      case 'put-cursor':
        cursors.set(change.channel, change.cursor)
        return [change]
      default:
        return []
    }
  })
  const loaded = {
    ...found,
    operations: [...operations.values()],
    settled: [...settled.values()],
    cursors,
  }
  return { loaded, changes }
}

const byKey = <One extends StoredOperation | Settled>(all: readonly One[]): Map<string, One> =>
  new Map(all.map((one) => [one.key, one]))
