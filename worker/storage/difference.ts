/**
 * Owns the way from what is on the disk to what should be (P2), as one list of changes. Pure.
 *
 * What the disk has already is not written again: a disk that is full has room for deletions, not
 * for a second copy of everything. What could not be read is not in `loaded`, so it is never deleted.
 */
import type { Change, Loaded } from './store.js'

export function difference(loaded: Loaded, wanted: readonly Change[]): readonly Change[] {
  // Nothing survives a wipe, so there is nothing to compare with.
  if (wanted.some(({ type }) => type === 'wipe')) return wanted
  const operations = new Map<string, unknown>(loaded.operations.map((one) => [one.key, one]))
  const settled = new Map<string, unknown>(loaded.settled.map((one) => [one.key, one]))
  const puts = wanted.filter((change) => {
    switch (change.type) {
      case 'put-operation':
        return isNews(operations, change.operation.key, change.operation)
      case 'put-settled':
        return isNews(settled, change.settled.key, change.settled)
      case 'put-cursor':
        return !isSame(loaded.cursors.get(change.channel), change.cursor)
      default:
        return true
    }
  })
  // Deletions first: where room is scarce they make it.
  return [
    ...[...operations.keys()].map((key): Change => ({ type: 'delete-operation', key })),
    ...[...settled.keys()].map((key): Change => ({ type: 'delete-settled', key })),
    ...puts,
  ]
}

/** Takes it off the list of what is to go. */
function isNews(onDisk: Map<string, unknown>, key: string, wanted: unknown): boolean {
  const found = onDisk.get(key)
  onDisk.delete(key)
  return !isSame(found, wanted)
}

/** Records are JSON through and through; where only the order of fields differs, one write too many. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
