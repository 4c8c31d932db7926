/**
 * Owns what one instance of the broker shows of its life (P12): two locks (protocol/lives.ts), held
 * from before any tab is answered until the instance is over. The worker's death frees both without a
 * word of ours. It does not know what the instance does.
 */
import type { InstanceId } from '../protocol/ids.js'
import type { WorkerAddress } from '../protocol/line-name.js'
import { bodyLockName, lifeLockName } from '../protocol/lives.js'
import type { Locks } from './tabs/locks.js'

export interface Life {
  /** What its tabs may wait for, once it is held; undefined: there are no locks. */
  readonly shown: Promise<string | undefined>
  end(): void
}

export interface LifeOptions extends WorkerAddress {
  readonly locks: Locks | null
  readonly line: string
  readonly instance: InstanceId
  /** Somebody has taken it: we were silent for too long, and are replaced. */
  onLost(): void
}

export function showLife({ locks, line, onLost, ...own }: LifeOptions): Life {
  const name = lifeLockName(line, own)
  const held =
    locks && Promise.all([locks.hold(name, onLost), locks.hold(bodyLockName(line, own), onLost)])
  // In this order: a body without a life would be taken for a worker that hangs, and lose the line.
  const release = ([letLife, letBody]: readonly (() => void)[]): void => {
    letBody?.()
    letLife?.()
  }
  return {
    // Where a page's locks are refused, so are ours.
    shown: held ? held.then(() => name).catch(() => undefined) : Promise.resolve(undefined),
    end: () => void held?.then(release, () => {}),
  }
}
