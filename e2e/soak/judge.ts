/** Owns the verdict on a soak: each memory by itself, and everything that came wrongly. Pure. */
import { GROWTH_LIMIT, type Growth, growthOf, type Level } from './growth.js'
import type { Result, Sample } from './result.js'

/** Everybody who is weighed, in the order of the picture. */
export const WEIGHED = ['worker', 'resident', 'gateway', 'process'] as const
export type Weighed = (typeof WEIGHED)[number]

export const NAMES: Readonly<Record<Weighed, string>> = {
  worker: 'SharedWorker',
  resident: 'a tab that stays',
  gateway: 'gateway, heap',
  process: 'gateway, whole process',
}

export interface Verdict {
  readonly growth: Readonly<Record<Weighed, Growth>>
  readonly isGood: boolean
  readonly sentences: readonly string[]
}

/** What is said of a memory before its process lives for good does not count. */
export const sinceOf = (weighed: Weighed, { workerSince, gatewaySince }: Result): number =>
  weighed === 'worker' || weighed === 'resident' ? workerSince : gatewaySince

export function levelsOf(weighed: Weighed, samples: readonly Sample[]): readonly Level[] {
  return samples.flatMap(({ minute, tabs, [weighed]: bytes }) =>
    bytes === undefined ? [] : [{ minute, tabs, bytes }],
  )
}

export function judge(result: Result): Verdict {
  const { minutes, seed, events, lives, deaths, totals, complaints } = result
  const growthSince = (weighed: Weighed): Growth => {
    const late = result.samples.filter(({ minute }) => minute >= sinceOf(weighed, result))
    return growthOf(levelsOf(weighed, late))
  }
  const growth = {
    worker: growthSince('worker'),
    resident: growthSince('resident'),
    gateway: growthSince('gateway'),
    process: growthSince('process'),
  }
  const isFlat = WEIGHED.every((weighed) => growth[weighed].verdict === 'flat')
  const { signals, handled, answered, unanswered } = totals
  return {
    growth,
    isGood: isFlat && !complaints.length,
    sentences: [
      `${minutes} minutes, seed ${seed}: ${lives} tabs, ${deaths.length} deaths of worker or gateway`,
      `${events} events seen by the resident, ${handled} handled, ${signals} signals, ${answered} answers, ${unanswered} requests without one`,
      ...WEIGHED.map((weighed) => inWords(NAMES[weighed], growth[weighed])),
      ...(complaints.length ? complaints : ['nothing lost, nothing twice, nothing out of order']),
    ],
  }
}

export const percent = (share: number): string =>
  `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(2)} %`

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

function inWords(name: string, { usual, perMinute, atLeast, atMost, verdict }: Growth): string {
  const range = `${percent(atLeast)} to ${percent(atMost)}`
  const limit = verdict === 'flat' ? '' : `; flat is up to ${percent(GROWTH_LIMIT)}`
  return `${name}: ${verdict}, ${megabytes(usual)}, ${percent(perMinute)} a minute (${range}${limit})`
}
