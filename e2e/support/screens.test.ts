/** Proves that the judge of screens sees a tab that is behind, and one that shows what is not so. */
import { expect, test } from 'vitest'
import type { Status } from '../../protocol/status.js'
import { longestDisagreement, longestUntruth, type Screen } from './screens.js'

const COMMON = { queued: 0, tabs: 2, host: 'shared-worker', storage: 'disk' } as const
const ONLINE: Status = { ...COMMON, state: 'online', latency: 1, latencies: [1] }
const LOST: Status = { ...COMMON, state: 'reconnecting', attempt: 1, retryAt: 0, cause: 'network' }

const screen = (...entries: [at: number, status: Status][]): Screen =>
  entries.map(([at, status]) => ({ at, status }))

test('tabs that say the same at different times disagree in between', () => {
  const quick = screen([0, ONLINE], [110, LOST], [200, ONLINE])
  const slow = screen([0, ONLINE], [130, LOST], [207, ONLINE])
  expect(longestDisagreement([quick, slow], 100)).toBe(20)
})

test('a latency is no disagreement, a queue is', () => {
  const one = screen([0, ONLINE])
  const other = screen([0, ONLINE], [110, { ...ONLINE, latency: 9 }])
  expect(longestDisagreement([one, other], 100)).toBe(0)
  const queued = screen([0, ONLINE], [110, { ...ONLINE, queued: 1 }], [150, ONLINE])
  expect(longestDisagreement([one, queued], 100)).toBe(40)
})

test('two disagreements without a pause are one', () => {
  const one = screen([0, ONLINE], [140, LOST])
  const other = screen([0, ONLINE], [110, { ...ONLINE, queued: 1 }], [120, LOST])
  expect(longestDisagreement([one, other], 100)).toBe(30)
})

test('what one tab never hears of is a disagreement without an end', () => {
  const deaf = screen([0, ONLINE])
  expect(longestDisagreement([deaf, screen([0, ONLINE], [110, LOST])], 100)).toBe(Infinity)
})

test('a line that is not there is shown for so long, and one that is there not', () => {
  const one = screen([0, ONLINE], [130, LOST], [290, ONLINE])
  expect(longestUntruth(one, { lostAt: 100, backAt: 250 })).toBe(40)
  expect(longestUntruth(one, { lostAt: 100, backAt: 280 })).toBe(30)
  expect(longestUntruth(screen([0, ONLINE]), { lostAt: 100, backAt: 180 })).toBe(80)
  expect(longestUntruth(screen([0, ONLINE], [130, LOST]), { lostAt: 100, backAt: 180 })).toBe(
    Infinity,
  )
})
