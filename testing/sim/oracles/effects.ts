/**
 * Owns what operations came to where the server has lost its log, once or more (P3, P4): a log that is
 * lost takes along what it had done, and its memory of it. Pure.
 */
import { biographies } from '../../../e2e/outbox-check/biography.js'
import { disorders } from '../../../e2e/outbox-check/order.js'
import type { Fact, LogEntry } from '../../../e2e/outbox-check/story.js'

type Logs = readonly (readonly LogEntry[])[]

export interface Effects {
  /** What is to be answered for, as if there had been one log. */
  readonly log: readonly LogEntry[]
  /** Keys of what was lost: it may have been done again, or never have been. */
  readonly isLost: ReadonlySet<string>
}

/**
 * Of what was lost, that of which an app was told is settled; the rest is done again by the next log, or
 * never was: which of the two is not promised.
 */
export function effectsOf(logs: Logs, facts: readonly Fact[]): Effects {
  const acked = new Set(facts.flatMap((one) => (one.fact === 'acked' ? [one.key] : [])))
  const isLost = new Set<string>()
  const isLater = new Set<string>()
  const log: LogEntry[] = []
  for (const own of logs.toReversed()) {
    const isNow = own === logs.at(-1)
    const kept = own.filter(({ key }) => isNow || (acked.has(key) && !isLater.has(key)))
    log.unshift(...kept)
    for (const { key } of own) {
      isLater.add(key)
      if (!isNow) isLost.add(key)
    }
  }
  return { log, isLost }
}

/**
 * What was done again stands in two logs, in each behind what was sent before it and done there. So order
 * is a question to each log for itself, and to what came first of everything. `mayForget`: the disk may
 * have refused what had ended under one log, and then it comes late under the next.
 */
export function reorderings(
  logs: Logs,
  facts: readonly Fact[],
  mayForget = false,
): ReturnType<typeof disorders> {
  const operations = biographies(facts)
  const all = logs.flat()
  const isFirst = (one: LogEntry): boolean => all.find(({ key }) => key === one.key) === one
  const own = mayForget ? logs.map((log) => log.filter(isFirst)) : logs
  const found = [...own, all].flatMap((log) => disorders({ log }, operations))
  return [...new Map(found.map((one) => [`${one.key} ${one.why}`, one])).values()]
}
