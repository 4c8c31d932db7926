/**
 * Runs with the timeless rooms' own setup and proves that it bites: no unit test of protocol, worker
 * or page-client can wait for real time.
 */
import { expect, test } from 'vitest'

test.each([
  ['setTimeout', () => setTimeout(() => {}, 0)],
  ['setInterval', () => setInterval(() => {}, 1)],
  ['setImmediate', () => setImmediate(() => {})],
])('%s is refused in a timeless room', (_name, wait) => {
  expect(wait).toThrow('inject a clock')
})
