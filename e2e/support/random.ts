/** Owns chance that can be had again: the same seed, the same numbers (mulberry32). */
export interface Dice {
  /** 0 ≤ n < 1. */
  roll(): number
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  chance(of: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0

  function roll(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  const between = (low: number, high: number): number => low + Math.floor(roll() * (high - low + 1))

  return {
    roll,
    between,
    chance: (of) => roll() < of,
    pick: (from) => from[between(0, from.length - 1)] ?? from[0],
  }
}
