/**
 * Owns what is carried over when a broker that had to live in memory moves to its disk: how operations
 * ended meanwhile, those that failed, how far the channels were read, and what was parked. Nothing is
 * queued then, so no number is carried: they belong to a client that the server will not hear of again.
 *
 * The disk may know the same operations, by lifeboats that were not emptied in time. What became of
 * them in memory is their end (P3, P5): the server does not know these keys from that other client.
 *
 * It may know the same consumers. Their positions in memory are later, but those began at `now` for
 * want of the disk's: what came between is handled by nobody, unless the disk's stands (P8). What was
 * handled in memory is then handled again, which a handler has to bear; a loss it would not notice.
 */
import type { Cursor } from '../../protocol/ids.js'
import { unpackHistories } from './history-luggage.js'
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
  const consumers = [...found.consumers]
  const parked = byKey(found.parked)
  const { histories, changes: kept } = unpackHistories(found, luggage)
  // Younger than all that is there: it stands behind it.
  const there = [...found.operations, ...found.settled, ...found.parked]
  let n = Math.max(0, ...there.map((one) => one.n))
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
      case 'put-consumer': {
        const { channel, name } = change.consumer
        if (consumers.some((one) => one.channel === channel && one.name === name)) return []
        consumers.push(change.consumer)
        return [change]
      }
      case 'put-parked': {
        const one = { ...change.parked, n: ++n }
        parked.delete(one.key)
        parked.set(one.key, one)
        return [{ type: 'put-parked', parked: one }]
      }
      default:
        return []
    }
  })
  const loaded = {
    ...found,
    operations: [...operations.values()],
    settled: [...settled.values()],
    cursors,
    histories,
    consumers,
    parked: [...parked.values()],
  }
  return { loaded, changes: [...changes, ...kept] }
}

const byKey = <One extends { readonly key: string }>(all: readonly One[]): Map<string, One> =>
  new Map(all.map((one) => [one.key, one]))
