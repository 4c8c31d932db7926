/**
 * Owns the rows of one object store, in the order of their keys. Every change returns how it is undone;
 * changes are undone in the opposite order, the last one first.
 */
import { clone } from './clone.js'
import { compareKeys, type DatabaseKey, KeyRange, toKey } from './keys.js'

export interface Row {
  readonly key: DatabaseKey
  readonly value: unknown
}

export type KeyPath = string | readonly string[] | null
export type Undo = () => void

export interface Shelf {
  readonly keyPath: KeyPath
  /** Copied, with its key; throws what `put` throws. */
  rowOf(value: unknown, key: unknown): Row
  /** Without a range: all of them. */
  find(range?: KeyRange): readonly Row[]
  /** The first behind that key; without one, the first of all. */
  next(behind?: DatabaseKey): Row | undefined
  put(row: Row): Undo
  delete(range?: KeyRange): Undo
}

export function createShelf(keyPath: KeyPath): Shelf {
  const rows: Row[] = []

  /** The first place whose key is not before this one; `isAfter`: nor equal to it. */
  function placeOf(key: DatabaseKey, isAfter: boolean): number {
    let [from, to] = [0, rows.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const row = rows[middle]
      const order = row ? compareKeys(row.key, key) : 1
      if (order < 0 || (isAfter && order === 0)) from = middle + 1
      else to = middle
    }
    return from
  }

  function placesOf(range: KeyRange | undefined): readonly [from: number, to: number] {
    if (!range) return [0, rows.length]
    const { lower, upper, lowerOpen, upperOpen } = range
    return [placeOf(lower, lowerOpen), placeOf(upper, !upperOpen)]
  }

  function replace(from: number, count: number, added: readonly Row[]): Undo {
    const taken = rows.splice(from, count, ...added)
    return () => void rows.splice(from, added.length, ...taken)
  }

  return {
    keyPath,
    rowOf(value, key) {
      const isInside = keyPath !== null
      if (isInside === (key !== undefined))
        throw new DOMException('one key, and in one place', 'DataError')
      const copy = clone(value)
      return { key: toKey(isInside ? keyIn(copy, keyPath) : key), value: copy }
    },
    find: (range) => rows.slice(...placesOf(range)),
    next: (behind) => rows[behind === undefined ? 0 : placeOf(behind, true)],
    put(row) {
      const [from, to] = placesOf(KeyRange.only(row.key))
      return replace(from, to - from, [row])
    },
    delete(range) {
      const [from, to] = placesOf(range)
      return replace(from, to - from, [])
    },
  }
}

function keyIn(value: unknown, path: string | readonly string[]): unknown {
  if (typeof path !== 'string') return path.map((one) => keyIn(value, one))
  return typeof value === 'object' && value !== null ? Reflect.get(value, path) : undefined
}
