/**
 * Owns what a browser must remember of a channel (P7): the furthest that any of its subscriptions had
 * got. A worker that is killed may take along what it saw in its last moments, and with it everything
 * if it had seen nothing before; so may a tab that goes before it has said what it took. Pure.
 */
import type { Fact } from './story.js'

export interface Memory {
  /** How far the channel had been seen before that fact; undefined: nothing is proved. */
  before(index: number, channel: string): number | undefined
}

/** So long after it was told, what was seen is on disk, also on a busy machine. */
const ON_DISK_WITHIN_MS = 3_000
/** So long after it was told, a tab has said that it has taken it, also from a slow port. */
const CONFIRMED_WITHIN_MS = 1_000
/** What is told now, the worker need not have known when it was asked where to begin. */
const JUST_NOW_MS = 250

export function createMemory(
  facts: readonly Fact[],
  placeOf: (channel: string, id: string) => number | undefined,
): Memory {
  const channels = new Map<string, string>()
  /** They fetch one after a gap, and until then have seen nothing of what is behind it. */
  const withSnapshot = new Set<string>()
  for (const fact of facts) {
    if (fact.fact !== 'subscribed') continue
    channels.set(fact.subscription, fact.channel)
    if (fact.hasSnapshot) withSnapshot.add(fact.subscription)
  }
  const killedAt = facts.flatMap(({ fact, atMs = 0 }) => (fact === 'worker-killed' ? [atMs] : []))

  const goingAt = new Map<string, number[]>()
  for (const { fact, atMs = 0, ...rest } of facts) {
    if (fact !== 'tab-goes' || !('tab' in rest)) continue
    goingAt.set(rest.tab, [...(goingAt.get(rest.tab) ?? []), atMs])
  }

  function place(fact: Fact, channel: string): number | undefined {
    if (!('subscription' in fact) || channels.get(fact.subscription) !== channel) return undefined
    switch (fact.fact) {
      case 'event':
      case 'placed':
        return placeOf(channel, fact.id)
      case 'gap':
        return withSnapshot.has(fact.subscription) ? undefined : placeOf(channel, fact.id)
      case 'snapshot':
        return placeOf(channel, fact.at)
      default:
        return undefined
    }
  }

  /** Its tab was gone before it can have said that it has taken that. */
  function wasLast(fact: Fact): boolean {
    const { atMs = 0 } = fact
    const goneAt = 'tab' in fact ? goingAt.get(fact.tab)?.find((at) => at >= atMs) : undefined
    return goneAt !== undefined && goneAt - atMs <= CONFIRMED_WITHIN_MS
  }

  /** Its last words arrive when it is gone, and it hears no answer. */
  const saidIt =
    (atMs: number) =>
    (death: number): boolean =>
      death <= atMs && atMs - death <= CONFIRMED_WITHIN_MS

  return {
    before(index, channel) {
      const until = facts[index]?.atMs ?? 0
      const deaths = killedAt.filter((at) => at <= until)
      let furthest: number | undefined
      let isOnDisk = false
      for (const fact of facts.slice(0, index)) {
        const { atMs = 0 } = fact
        const seen = place(fact, channel)
        if (seen === undefined) continue
        furthest = Math.max(furthest ?? 0, seen)
        // Where the line was down only that tab knew of it: it proves nothing, and need not be told again.
        if (fact.fact === 'snapshot') continue
        const lived = (deaths.find((death) => death >= atMs) ?? Infinity) - atMs
        const isNews = fact.atMs !== undefined && until - atMs <= JUST_NOW_MS
        const isLate = wasLast(fact) || deaths.some(saidIt(atMs))
        isOnDisk ||= lived > ON_DISK_WITHIN_MS && !isNews && !isLate
      }
      return isOnDisk ? furthest : undefined
    },
  }
}
