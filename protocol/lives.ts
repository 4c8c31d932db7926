/**
 * Owns the names of the locks by which the life of a broker is known, and what can be read from the
 * list of those that are held (P12). Pure; page and broker read the same.
 *
 * Each instance holds two. Its *life* is what its tabs wait for: it is free when the worker is dead,
 * and taken away when the worker hangs. Its *body* nobody takes: it is free when the worker is gone.
 * So a body without a life is a worker that hangs, which nobody can end or reach.
 *
 * The line goes on in a worker of another name, the next generation, and everybody reads from the
 * locks which one that is: that of the living, and behind all that hang. Nothing is remembered: when
 * the last successor and the hung worker have gone, nobody holds anything, and that is generation 0
 * again, the base name.
 */
import type { InstanceId } from './ids.js'
import type { WorkerAddress } from './line-name.js'

export interface Life extends WorkerAddress {
  readonly instance: InstanceId
}

export interface Census {
  readonly living: readonly Life[]
  readonly hung: readonly Life[]
}

const lockName =
  (kind: string) =>
  (line: string, { generation, isSpare, instance }: Life): string =>
    `${line}:${kind}:${generation}${isSpare ? '~' : ''}:${instance}`

export const lifeLockName = /* @__PURE__ */ lockName('life')
export const bodyLockName = /* @__PURE__ */ lockName('body')

/** Who is there, by the names of all locks that are held in this origin. */
export function readCensus(line: string, held: readonly string[]): Census {
  const found = (kind: string): Life[] =>
    held.flatMap((name) => {
      const prefix = `${line}:${kind}:`
      if (!name.startsWith(prefix)) return []
      const [address = '', instance = ''] = name.slice(prefix.length).split(':')
      const generation = Number.parseInt(address, 10)
      return [{ generation, isSpare: address.endsWith('~'), instance: instance as InstanceId }]
    })
  const living = found('life')
  const isLiving = (one: Life): boolean => living.some(({ instance }) => instance === one.instance)
  return { living, hung: found('body').filter((one) => !isLiving(one)) }
}

/** Whether a lock is that worker's. By its body: whoever waits for a life has it for a moment in the end. */
export function isOf(
  one: Life,
  lock: string,
  line: string,
  holders: ReadonlyMap<string, string>,
): boolean {
  const owner = holders.get(lock)
  return owner !== undefined && holders.get(bodyLockName(line, one)) === owner
}

/** Where the line is, for somebody who has found the `silent` ones silent. */
export function generationOf({ living, hung }: Census, silent: ReadonlySet<InstanceId>): number {
  const isSilent = ({ instance }: Life): boolean => silent.has(instance)
  const beyond = [...hung, ...living.filter(isSilent)].map(({ generation }) => generation + 1)
  const joined = living.filter((one) => !isSilent(one)).map(({ generation }) => generation)
  return Math.max(0, ...beyond, ...joined)
}
