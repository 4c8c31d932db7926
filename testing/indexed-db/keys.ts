/**
 * Owns what a key is and how keys are ordered: numbers, then strings, then lists of keys. Dates and
 * bytes are keys too on the platform; nobody here uses them, and they are refused like any other value.
 */
export type DatabaseKey = number | string | readonly DatabaseKey[]

export function toKey(value: unknown): DatabaseKey {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && !Number.isNaN(value)) return value
  if (Array.isArray(value)) return value.map(toKey)
  throw new DOMException('this is not a key', 'DataError')
}

export function compareKeys(a: DatabaseKey, b: DatabaseKey): number {
  if (typeof a === 'object' && typeof b === 'object') return compareLists(a, b)
  const byRank = rankOf(a) - rankOf(b)
  if (byRank !== 0) return byRank
  return a < b ? -1 : Number(a > b)
}

function compareLists(a: readonly DatabaseKey[], b: readonly DatabaseKey[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareKeys(one, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function rankOf(key: DatabaseKey): number {
  if (typeof key === 'number') return 0
  return typeof key === 'string' ? 1 : 2
}

export class KeyRange {
  readonly lower: DatabaseKey
  readonly upper: DatabaseKey
  readonly lowerOpen: boolean
  readonly upperOpen: boolean

  private constructor(ends: Pick<KeyRange, 'lower' | 'upper' | 'lowerOpen' | 'upperOpen'>) {
    this.lower = ends.lower
    this.upper = ends.upper
    this.lowerOpen = ends.lowerOpen
    this.upperOpen = ends.upperOpen
  }

  static only(value: unknown): KeyRange {
    return KeyRange.bound(value, value)
  }

  static bound(from: unknown, to: unknown, lowerOpen = false, upperOpen = false): KeyRange {
    const [lower, upper] = [toKey(from), toKey(to)]
    const order = compareKeys(lower, upper)
    if (order > 0 || (order === 0 && (lowerOpen || upperOpen)))
      throw new DOMException('no key lies in this range', 'DataError')
    return new KeyRange({ lower, upper, lowerOpen, upperOpen })
  }

  /** What a request is about: a range, or the one key. */
  static of(query: unknown): KeyRange {
    return query instanceof KeyRange ? query : KeyRange.only(query)
  }
}
