/** Proves that the counting of arrivals sees what it is there to see: it must be able to fail. */
import { describe, expect, test } from 'vitest'
import { addUp, countArrivals } from './count.js'

const WORDS = { lanes: ['a', 'b'], each: 2 }
const entries = (text: string) =>
  text.split(' ').map((word) => ({ lane: word[0] as string, number: Number(word[1]) }))

describe('arrivals', () => {
  test('are complete when each is there once, lanes in any order', () => {
    const whole = { sent: 4, arrived: 4, lost: 0, doubled: 0, disordered: 0 }
    expect(countArrivals(WORDS, entries('a1 b1 a2 b2'))).toEqual(whole)
    expect(countArrivals(WORDS, entries('b1 b2 a1 a2'))).toEqual(whole)
  })

  test('miss what is not there', () => {
    expect(countArrivals(WORDS, entries('a1 b2'))).toMatchObject({ arrived: 2, lost: 2 })
    expect(countArrivals(WORDS, [])).toMatchObject({ arrived: 0, lost: 4 })
  })

  test('are counted twice when they are there twice, and do not make up for a loss', () => {
    const count = countArrivals(WORDS, entries('a1 a1 b1 b2'))
    expect(count).toMatchObject({ arrived: 3, lost: 1, doubled: 1, disordered: 0 })
  })

  test('out of order are seen in their lane', () => {
    expect(countArrivals(WORDS, entries('a2 b1 a1 b2'))).toMatchObject({ lost: 0, disordered: 1 })
    expect(countArrivals(WORDS, entries('a1 a2 a1 b1 b2'))).toMatchObject({
      doubled: 1,
      disordered: 1,
    })
  })

  test('add up', () => {
    const one = countArrivals(WORDS, entries('a2 a1 b1'))
    expect(addUp([one, one])).toEqual({ sent: 8, arrived: 6, lost: 2, doubled: 0, disordered: 2 })
  })
})
