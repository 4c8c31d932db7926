/**
 * Owns the question whether memory is flat (P14): by how much it grows a minute, and how sure that is.
 *
 * A tab costs memory and gives it back, so only samples with equally many tabs are compared: the slope
 * is the median of all slopes between two of them (Theil–Sen, with the number of tabs as the season of
 * Hirsch and Slack), which single wild samples do not move. Its bounds are those of Kendall's test. Pure.
 */
export interface Level {
  readonly minute: number
  readonly tabs: number
  readonly bytes: number
}

/** Shares of the usual level, a minute. */
export interface Growth {
  readonly perMinute: number
  /** It lies between these two, with 99 % confidence. */
  readonly atLeast: number
  readonly atMost: number
  /** The median, in bytes. */
  readonly usual: number
  readonly verdict: 'flat' | 'grows' | 'unclear'
}

/** What grows by less is flat: of a leak of 1 % a minute half may hide in the noise. */
export const GROWTH_LIMIT = 0.005

/** Of a normal distribution 99 % lie within so many deviations. */
const DEVIATIONS = 2.576

export function growthOf(levels: readonly Level[]): Growth {
  const usual = median(levels.map(({ bytes }) => bytes).sort(ascending))
  const seasons = new Map<number, Level[]>()
  for (const level of levels) {
    const season = seasons.get(level.tabs)
    if (season) season.push(level)
    else seasons.set(level.tabs, [level])
  }
  const slopes: number[] = []
  let variance = 0
  for (const season of seasons.values()) {
    const count = season.length
    variance += (count * (count - 1) * (2 * count + 5)) / 18
    for (const [index, early] of season.entries()) {
      for (const late of season.slice(index + 1)) {
        slopes.push((late.bytes - early.bytes) / (late.minute - early.minute) / usual)
      }
    }
  }
  slopes.sort(ascending)
  const margin = DEVIATIONS * Math.sqrt(variance)
  const atLeast = slopes[Math.floor((slopes.length - margin) / 2)] ?? -Infinity
  const atMost = slopes[Math.ceil((slopes.length + margin) / 2)] ?? Infinity
  return { perMinute: median(slopes), atLeast, atMost, usual, verdict: verdictOn(atLeast, atMost) }
}

function verdictOn(atLeast: number, atMost: number): Growth['verdict'] {
  if (atMost <= GROWTH_LIMIT) return 'flat'
  return atLeast > GROWTH_LIMIT ? 'grows' : 'unclear'
}

const ascending = (one: number, other: number): number => one - other

function median(sorted: readonly number[]): number {
  const half = (sorted.length - 1) / 2
  const low = sorted[Math.floor(half)] ?? 0
  const high = sorted[Math.ceil(half)] ?? 0
  return (low + high) / 2
}
