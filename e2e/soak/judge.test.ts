import { expect, test } from 'vitest'
import { judge, WEIGHED } from './judge.js'
import { plot } from './plot.js'
import type { Result, Sample } from './result.js'

const MB = 1024 * 1024
const MINUTES = 30

/** All weigh the same at any time, but for what is said. */
function resultOf(weigh: (minute: number) => Partial<Sample>, more: Partial<Result> = {}): Result {
  const samples = Array.from({ length: MINUTES * 15 }, (_, index): Sample => {
    const minute = index / 15
    const level = { worker: 3 * MB, resident: 2 * MB, gateway: 10 * MB, process: 70 * MB }
    return { minute, tabs: 1 + (index % 10), ...level, ...weigh(minute) }
  })
  return {
    seed: 1,
    minutes: MINUTES,
    samples,
    deaths: [
      { who: 'worker', minute: 1 },
      { who: 'gateway', minute: 2 },
    ],
    workerSince: 6,
    gatewaySince: 12,
    lives: 300,
    events: 12_345,
    totals: { signals: 1, handled: 2, answered: 3, unanswered: 4 },
    complaints: [],
    ...more,
  }
}

test('what is flat, and lost nothing, is good', () => {
  const { isGood, sentences } = judge(resultOf(() => ({})))
  expect(isGood).toBe(true)
  expect(sentences.at(-1)).toBe('nothing lost, nothing twice, nothing out of order')
})

test.each(WEIGHED)('[P14] a leak of %s alone is found', (weighed) => {
  const { isGood, growth } = judge(
    resultOf((minute) => ({ [weighed]: 3 * MB * (1 + 0.013 * minute) })),
  )
  expect(isGood).toBe(false)
  for (const one of WEIGHED) expect(growth[one].verdict).toBe(one === weighed ? 'grows' : 'flat')
})

test('what grew before its process lived for good does not count', () => {
  const growing = (until: number) => (minute: number) =>
    3 * MB * (1 + 0.1 * Math.min(minute, until))
  const [sixth, twelfth] = [growing(6), growing(12)]
  expect(judge(resultOf((minute) => ({ worker: sixth(minute) }))).isGood).toBe(true)
  expect(judge(resultOf((minute) => ({ gateway: twelfth(minute) }))).isGood).toBe(true)
  expect(judge(resultOf((minute) => ({ worker: growing(24)(minute) }))).isGood).toBe(false)
})

test('a worker that could not be weighed now and then is judged by the rest', () => {
  const weigh = (minute: number) => (minute % 1 < 0.2 ? { worker: undefined } : {})
  expect(judge(resultOf(weigh)).isGood).toBe(true)
})

test('[P5] one complaint is enough', () => {
  const { isGood, sentences } = judge(resultOf(() => ({}), { complaints: ['lost: one'] }))
  expect(isGood).toBe(false)
  expect(sentences).toContain('lost: one')
})

test('a run that was over before anybody lived for good is not good', () => {
  const short = resultOf(() => ({}), { workerSince: Infinity, gatewaySince: Infinity })
  expect(judge(short).isGood).toBe(false)
})

test.each([
  ['a whole one', resultOf(() => ({}))],
  [
    'one that was over too soon',
    resultOf(() => ({}), { workerSince: Infinity, gatewaySince: Infinity }),
  ],
  ['one without samples', resultOf(() => ({}), { samples: [] })],
])('%s can be drawn', (_, result) => {
  const picture = plot(result, judge(result))
  expect(picture).not.toMatch(/NaN|Infinity|undefined/)
  const open = [...picture.matchAll(/<(\w+)[^>]*(?<!\/)>/g)].map(([, name]) => name).sort()
  const closed = [...picture.matchAll(/<\/(\w+)>/g)].map(([, name]) => name).sort()
  expect(open).toEqual(closed)
  for (const name of [
    'SharedWorker',
    'a tab that stays',
    'gateway',
    'open tabs',
    '12,345 events',
  ]) {
    expect(picture).toContain(name)
  }
  expect(picture.match(/class="(worker|gateway) death"/g)).toHaveLength(result.deaths.length)
})
