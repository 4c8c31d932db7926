/**
 * Owns what is taken from workers that hang: the line and the hub, whenever they come to have them (P12).
 * One may stand in a queue when it begins to hang, and nobody can take its place there: so the lock is freed
 * until somebody else has it, and again by whoever waits for it in vain. It does not judge: that a worker
 * hangs is shown by a body without a life, or said by the caller.
 */
import type { InstanceId } from '../protocol/ids.js'
import { leaderLockName, lineLockName } from '../protocol/line-name.js'
import { isOf, readCensus } from '../protocol/lives.js'
import type { Locks } from './tabs/locks.js'

/** Whoever is next in the queues has both then. */
export async function bereave(locks: Locks, line: string, accused?: InstanceId): Promise<void> {
  for (const lock of [lineLockName(line), leaderLockName(line)]) {
    while (isWithHung(await locks.holders(), line, lock, accused)) await free(locks, lock)
  }
}

export async function free(locks: Locks, lock: string): Promise<void> {
  const letGo = await locks.steal(lock)
  letGo()
}

function isWithHung(
  holders: ReadonlyMap<string, string>,
  line: string,
  lock: string,
  accused: InstanceId | undefined,
): boolean {
  const { living, hung } = readCensus(line, [...holders.keys()])
  const guilty = living.filter(({ instance }) => instance === accused)
  return [...hung, ...guilty].some((one) => isOf(one, lock, line, holders))
}
