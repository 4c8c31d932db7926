/**
 * Owns the way from what is on the disk to what should be (P2), as one list of changes. Pure.
 *
 * What the disk has already is not written again: a disk that is full has room for deletions, not
 * for a second copy of everything. What could not be read is not in `loaded`, so it is never deleted.
 */
import { historyDifference } from './history-difference.js'
import { isSame } from './is-same.js'
import type { Change, ConsumerPosition, Loaded } from './store.js'

export function difference(loaded: Loaded, wanted: readonly Change[]): readonly Change[] {
  // Nothing survives a wipe, so there is nothing to compare with.
  if (wanted.some(({ type }) => type === 'wipe')) return wanted
  const operations = byKey(loaded.operations)
  const settled = byKey(loaded.settled)
  const parked = byKey(loaded.parked)
  const puts = wanted.filter((change) => {
    switch (change.type) {
      case 'put-operation':
        return isNews(operations, change.operation.key, change.operation)
      case 'put-settled':
        return isNews(settled, change.settled.key, change.settled)
      case 'put-parked':
        return isNews(parked, change.parked.key, change.parked)
      case 'put-cursor':
        return !isSame(loaded.cursors.get(change.channel), change.cursor)
      case 'put-consumer':
        return !isSame(positionOf(loaded, change.consumer), change.consumer)
      case 'put-history':
      case 'put-events':
        return false
      default:
        return true
    }
  })
  // Deletions first: where room is scarce they make it.
  return [
    ...[...operations.keys()].map((key): Change => ({ type: 'delete-operation', key })),
    ...[...settled.keys()].map((key): Change => ({ type: 'delete-settled', key })),
    ...[...parked.keys()].map((key): Change => ({ type: 'delete-parked', key })),
    ...historyDifference(loaded.histories, wanted),
    ...puts,
  ]
}

const byKey = (records: readonly { readonly key: string }[]): Map<string, unknown> =>
  new Map(records.map((one) => [one.key, one]))

const positionOf = ({ consumers }: Loaded, { channel, name }: ConsumerPosition) =>
  consumers.find((one) => one.channel === channel && one.name === name)

/** Takes it off the list of what is to go. */
function isNews(onDisk: Map<string, unknown>, key: string, wanted: unknown): boolean {
  const found = onDisk.get(key)
  onDisk.delete(key)
  return !isSame(found, wanted)
}
