import { expect, test } from 'vitest'
import { uuidv7 } from './ids.js'

const sequence = (...rolls: number[]): (() => number) => {
  let at = 0
  return () => rolls[at++ % rolls.length] ?? 0
}

test('a key is a UUID version 7', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  for (const roll of [0, 0.3, 0.5, 0.999_999]) {
    expect(uuidv7(1_700_000_000_000, sequence(roll, 0.1, 0.9))).toMatch(form)
  }
  expect(uuidv7(0x0123_4567_89ab, () => 0)).toBe('01234567-89ab-7000-8000-000000000000')
})

test('later keys sort later', () => {
  const keys = [1, 2, 1_000, 1_700_000_000_000].map((wall) => uuidv7(wall, () => 0.5))
  expect([...keys].sort()).toEqual(keys)
})

test('a clock that is wrong makes no broken key', () => {
  for (const wall of [-5, 0.7, 2 ** 60, Number.NEGATIVE_INFINITY]) {
    expect(uuidv7(wall, () => 0.5)).toHaveLength(36)
  }
})
