/**
 * Owns the operations that ended badly and wait for a person (P5): in the order in which they failed,
 * at most a hundred and for a week. Whoever asks what became of one of them finds it here.
 */
import type { Key } from '../../protocol/ids.js'
import type { Clock } from '../clock.js'
import type { StoredOperation } from './operation.js'

export type FailedOperation = StoredOperation & Required<Pick<StoredOperation, 'failed'>>

export interface Failures {
  get(key: Key): FailedOperation | undefined
  keys(): Iterable<Key>
  all(): Iterable<FailedOperation>
  /** Returns those that have to go for it, or have been here long enough. */
  put(operation: FailedOperation): readonly Key[]
  delete(key: Key): void
}

const KEPT = 100
const KEPT_MS = 7 * 24 * 60 * 60_000

export function createFailures(clock: Clock): Failures {
  const known = new Map<Key, FailedOperation>()
  return {
    get: (key) => known.get(key),
    keys: () => known.keys(),
    all: () => known.values(),
    put(operation) {
      known.set(operation.key, operation)
      const isOld = ({ failed }: FailedOperation): boolean => clock.wall() - failed.at > KEPT_MS
      const old = [...known.values()].filter(isOld)
      const rest = [...known.values()].filter((one) => !isOld(one))
      const surplus = rest.slice(0, Math.max(0, rest.length - KEPT))
      return [...old, ...surplus].map(({ key }) => key)
    },
    delete: (key) => void known.delete(key),
  }
}
