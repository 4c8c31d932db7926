import { expect, test } from 'vitest'
import { panel, points, ticks } from './scales.js'

test('a panel puts the beginning below on the left, the end above on the right', () => {
  const on = panel({ left: 10, right: 110, top: 20, height: 50, widest: 30, highest: 4 })
  expect(points([on.place(0, 0), on.place(15, 2), on.place(30, 4)])).toBe('M10 70L60 45L110 20')
})

test.each([
  [3.3, 4, [0, 1, 2, 3]],
  [30, 10, [0, 5, 10, 15, 20, 25, 30]],
  [73, 3, [0, 50]],
  [0.7, 5, [0, 0.2, 0.4, 0.6]],
  [1, 3, [0, 0.5, 1]],
])('up to %d, at most %i round numbers', (highest, atMost, expected) => {
  expect(ticks(highest, atMost)).toEqual(expected)
})
