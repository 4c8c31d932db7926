/** Owns the sums over all that tabs have counted, and what of it should not have been. */
import type { Ledger } from './ledger.js'
import type { Tally } from './page/page-api.js'
import type { Result } from './result.js'

export interface Totals {
  add(tally: Tally): void
  told(): Result['totals']
  /** How far it is, for whoever waits. */
  sentence(minute: number, tabs: { readonly count: number }, ledger: Ledger): string
  complaints(): readonly string[]
}

/** With a line that comes and goes, a request may end so. */
const FAIR_ENDS: readonly string[] = ['offline', 'interrupted', 'timeout']

export function createTotals(): Totals {
  let gaps = 0
  let signals = 0
  let handled = 0
  let answered = 0
  const requests = new Map<string, number>()
  const failures = new Map<string, number>()

  function addUp(to: Map<string, number>, counts: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(counts)) to.set(name, (to.get(name) ?? 0) + count)
  }

  return {
    add(tally) {
      gaps += tally.gaps
      signals += tally.signals
      handled += tally.handled
      answered += tally.answered
      addUp(requests, tally.requests)
      addUp(failures, tally.failures)
    },
    told: () => ({
      signals,
      handled,
      answered,
      unanswered: [...requests.values()].reduce((sum, count) => sum + count, 0),
    }),
    sentence: (minute, { count }, { events, faults }) =>
      `minute ${minute.toFixed(1)}: ${count} tabs, ${events} events, ${faults.length} faults`,
    complaints: () => [
      ...(gaps ? [`gaps were told: ${gaps}`] : []),
      ...[...requests]
        .filter(([code]) => !FAIR_ENDS.includes(code))
        .map(([code, count]) => `requests ended as ${code}: ${count}`),
      ...[...failures].map(([code, count]) => `failures: ${code}: ${count}`),
    ],
  }
}
