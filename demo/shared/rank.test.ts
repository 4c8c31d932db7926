import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RANK_PATTERN, rankBetween } from './rank.js'

const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('rankBetween', () => {
  it('finds a place at either end of an empty column', () => {
    expect(rankBetween(undefined, undefined, 0.5)).toMatch(RANK_PATTERN)
  })

  it('always lies strictly between its neighbours, wherever cards are dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), roll), { maxLength: 200 }), (drops) => {
        const ranks: string[] = []
        for (const [where, chance] of drops) {
          const index = where % (ranks.length + 1)
          const rank = rankBetween(ranks[index - 1], ranks[index], chance)
          ranks.splice(index, 0, rank)
        }
        expect(ranks).toEqual([...ranks].sort())
        expect(new Set(ranks).size).toBe(ranks.length)
        for (const rank of ranks) expect(rank).toMatch(RANK_PATTERN)
      }),
    )
  })

  it('stays short when a thousand cards are added at the end', () => {
    let rank: string | undefined
    for (let count = 0; count < 1000; count++) rank = rankBetween(rank, undefined, 0.9)
    expect(rank?.length).toBeLessThan(40)
  })

  it('stays within the pattern when a hundred cards squeeze into one gap', () => {
    let low = rankBetween(undefined, undefined, 0.5)
    const high = rankBetween(low, undefined, 0.5)
    for (let count = 0; count < 100; count++) low = rankBetween(low, high, 0.5)
    expect(low < high).toBe(true)
    expect(low).toMatch(RANK_PATTERN)
  })

  it('goes after the lower neighbour when two cards share a rank', () => {
    expect(rankBetween('i00', 'i00', 0.5) > 'i00').toBe(true)
  })
})
