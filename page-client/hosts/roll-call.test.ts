import { expect, test } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import { createMemoryBuses } from '../../testing/memory-bus.js'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { createRollCall } from './roll-call.js'

const keys = (...names: readonly string[]): readonly Key[] => names as readonly Key[]

/** Pages that ask each other; each takes what nobody has answered for, and has it from then on. */
function setUp() {
  const clock = createVirtualClock()
  const buses = createMemoryBuses()
  function page(lot: number, ...own: readonly string[]) {
    const has = new Set<string>(own)
    const taken: Key[] = []
    const roll = createRollCall({
      line: 'line',
      openBroadcast: buses.open,
      after: clock.after,
      random: () => lot,
      isOwn: (key) => has.has(key),
    })
    const ask = (...names: readonly string[]): void =>
      roll.ask(keys(...names), (orphans) => {
        for (const key of orphans) has.add(key)
        taken.push(...orphans)
      })
    return { ask, taken, close: roll.close }
  }
  return { clock, page }
}

test('[P2][G100] what nobody answers for is an orphan, and what somebody has is not', async () => {
  const { clock, page } = setUp()
  page(0.1, 'theirs')
  const asking = page(0.5)
  asking.ask('theirs', 'left')
  await clock.advance(999)
  expect(asking.taken).toEqual([])
  await clock.advance(1)
  expect(asking.taken).toEqual(['left'])
})

test('[P3] what a page has taken over it answers for from then on', async () => {
  const { clock, page } = setUp()
  const first = page(0.9)
  first.ask('left')
  await clock.advance(1_000)
  const next = page(0.1)
  next.ask('left')
  await clock.advance(1_000)
  expect([first.taken, next.taken]).toEqual([['left'], []])
})

for (const [when, wait] of [
  ['at once', 0],
  ['while another waits', 500],
] as const) {
  for (const [first, second] of [
    [0.1, 0.9],
    [0.9, 0.1],
  ] as const) {
    test(`[P3] of two that ask ${when} (${first}, ${second}), one takes it`, async () => {
      const { clock, page } = setUp()
      const pages = [page(first), page(second)] as const
      pages[0].ask('left')
      await clock.advance(wait)
      pages[1].ask('left')
      await clock.advance(2_000)
      expect(pages.flatMap(({ taken }) => taken)).toEqual(['left'])
    })
  }
}

for (const lots of [
  [0.1, 0.5, 0.9],
  [0.5, 0.1, 0.9],
  [0.9, 0.5, 0.1],
]) {
  test(`[P2] [P3] of three that ask at once (${lots}), one takes it`, async () => {
    const { clock, page } = setUp()
    const pages = lots.map((lot) => page(lot))
    for (const { ask } of pages) ask('left')
    await clock.advance(2_000)
    expect(pages.flatMap(({ taken }) => taken)).toEqual(['left'])
  })
}

test('[P2] what the dead one had of two that asked is taken by the other the next time', async () => {
  const { clock, page } = setUp()
  const [lucky, other] = [page(0.1), page(0.9)]
  lucky.ask('left')
  other.ask('left')
  await clock.advance(500)
  lucky.close()
  await clock.advance(500)
  expect(other.taken).toEqual([])
  other.ask('left')
  await clock.advance(1_000)
  expect(other.taken).toEqual(['left'])
})
