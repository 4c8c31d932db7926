/** Owns the comparison of what a page sent with what the gateway's log has (P2, P3, P4). Pure. */
import type { LastWords, Payload } from './commands.js'

export interface Count {
  readonly sent: number
  /** Are in the log, once or more often. */
  readonly arrived: number
  readonly lost: number
  /** Are in the log more than once. */
  readonly doubled: number
  /** Lanes whose log is not in the order of sending. */
  readonly disordered: number
}

export function countArrivals(
  { lanes, each }: Pick<LastWords, 'lanes' | 'each'>,
  log: readonly Payload[],
): Count {
  const sent = lanes.length * each
  const times = new Map<string, number>()
  for (const { lane, number } of log) {
    const name = `${lane}/${number}`
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  const isDisordered = (lane: string): boolean => {
    const numbers = log.filter((payload) => payload.lane === lane).map(({ number }) => number)
    return numbers.some((number, index) => number < (numbers[index - 1] ?? 0))
  }
  return {
    sent,
    arrived: times.size,
    lost: sent - times.size,
    doubled: [...times.values()].filter((count) => count > 1).length,
    disordered: lanes.filter(isDisordered).length,
  }
}

export function addUp(counts: readonly Count[]): Count {
  const total = { sent: 0, arrived: 0, lost: 0, doubled: 0, disordered: 0 }
  for (const count of counts) {
    for (const name of Object.keys(total) as (keyof Count)[]) total[name] += count[name]
  }
  return total
}
