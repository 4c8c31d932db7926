/** Proves that the judge sees holes, repeats and gaps that were not told [P6] [P7]: it must be able to fail. */
import { describe, expect, test } from 'vitest'
import type { GapReason } from '../../protocol/index.js'
import { judge } from './judge.js'
import type { Beginning, Chapter, Fact, Story } from './story.js'

const of = (chapter: Chapter, subscription = 's', tab = 'A'): Fact => ({
  ...chapter,
  subscription,
  tab,
})
const begun = (from: Beginning, hasSnapshot = false, subscription = 's', tab = 'A'): Fact =>
  of({ fact: 'subscribed', channel: 'c', from, hasSnapshot }, subscription, tab)
/** The n-th event has the id n and the payload n. */
const events = (...ids: readonly number[]): readonly Fact[] =>
  ids.map((n) => of({ fact: 'event', id: `${n}`, payload: n }))
const placed = (n: number, subscription = 's'): Fact =>
  of({ fact: 'placed', id: `${n}` }, subscription)
const gap = (to: number, reason: GapReason = 'trimmed'): Fact =>
  of({ fact: 'gap', reason, id: `${to}` })
const snapshot = (at: number): Fact => of({ fact: 'snapshot', at: `${at}` })
const stopped = of({ fact: 'stopped' })
const trimmed = (upTo: number): Fact => ({ fact: 'trimmed', channel: 'c', upTo: `${upTo}` })
const ended: Fact = { fact: 'tab-ended', tab: 'A', how: 'closed' }

function storyOf(facts: readonly Fact[], length: number): Story {
  const log = Array.from({ length }, (_, index) => ({ id: `${index + 1}`, payload: index + 1 }))
  return { facts, logs: new Map([['c', log]]) }
}

const faults = (length: number, ...facts: readonly (Fact | readonly Fact[])[]) =>
  judge(storyOf(facts.flat() as Fact[], length)).complaints.map(({ what }) => what)

describe('a good session', () => {
  test('has nothing to complain of', () => {
    const facts = [begun({ after: '' }), ...events(1, 2), gap(4, 'slow'), ...events(5)]
    expect(judge(storyOf(facts, 5))).toEqual({
      subscriptions: 1,
      events: 3,
      gaps: 1,
      snapshots: 0,
      complaints: [],
    })
  })

  test('may begin anywhere with `now`, and nowhere but there with an id', () => {
    expect(faults(5, begun('now'), events(4, 5))).toEqual([])
    expect(faults(5, begun({ after: '3' }), events(4, 5))).toEqual([])
    expect(faults(5, begun({ after: '0' }), events(1, 2, 3, 4, 5))).toEqual([])
    expect(faults(5, begun({ after: '2' }), events(4, 5))).toEqual(['hole'])
    expect(faults(5, begun({ after: '4' }), events(4, 5))).toEqual(['repeat'])
  })
})

describe('[P6] among events', () => {
  test('a hole is seen, in the middle and after the place that was known', () => {
    expect(faults(4, begun('now'), events(1, 2, 4))).toEqual(['hole'])
    expect(faults(4, begun('now'), placed(2), events(4))).toEqual(['hole'])
    expect(faults(4, begun('now'), placed(2), events(3, 4))).toEqual([])
  })

  test('a repeat and a disorder are seen, and make up for no hole', () => {
    expect(faults(3, begun('now'), events(1, 2, 2, 3))).toEqual(['repeat'])
    expect(faults(3, begun('now'), events(1, 3, 2))).toEqual(['hole', 'repeat'])
  })

  test('what nobody published is seen, and what was published otherwise', () => {
    expect(faults(1, begun('now'), events(1, 7))).toEqual(['stranger'])
    const other = of({ fact: 'event', id: '1', payload: 'x' })
    expect(faults(1, begun('now'), other)).toEqual(['distorted'])
  })

  test('nothing comes after the end of a subscription', () => {
    expect(faults(3, begun('now'), events(1), stopped)).toEqual([])
    expect(faults(3, begun('now'), events(1), stopped, events(2))).toEqual(['after-stop'])
  })
})

describe('[P6] a gap', () => {
  test('without a snapshot goes on from where it says, and nowhere else', () => {
    expect(faults(6, trimmed(4), begun('now'), events(1), gap(5), events(6))).toEqual([])
    expect(faults(6, trimmed(4), begun('now'), events(1), gap(4), events(6))).toEqual(['hole'])
    expect(faults(5, trimmed(4), begun('now'), events(1), gap(5), events(5))).toEqual(['repeat'])
  })

  test('that has no reason is seen', () => {
    expect(faults(3, begun('now'), events(1), gap(3))).toEqual(['false-gap'])
    expect(faults(5, trimmed(3), begun('now'), placed(3), gap(5))).toEqual(['false-gap'])
    expect(faults(5, trimmed(3), begun('now'), placed(2), gap(5))).toEqual([])
    expect(faults(1, begun('now'), events(1), gap(1, 'slow'))).toEqual(['false-gap'])
    expect(faults(3, begun('now'), events(1), gap(3, 'epoch'))).toEqual(['false-gap'])
  })

  test('does not lead back', () => {
    const facts = [trimmed(3), begun({ after: '2' }), gap(1), ...events(2, 3)]
    expect(faults(3, facts)).toEqual(['backward-gap'])
  })
})

describe('[P6] a snapshot', () => {
  test('begins a subscription from `now`, and exactly what came after it follows', () => {
    expect(faults(4, begun('now', true), snapshot(2), events(3, 4))).toEqual([])
    expect(faults(4, begun('now', true), snapshot(2), events(4))).toEqual(['hole'])
    expect(faults(3, begun('now', true), snapshot(2), events(2, 3))).toEqual(['repeat'])
    expect(faults(2, begun('now', true), events(1), snapshot(2))).toEqual(['early'])
  })

  test('has to cover the gap, and may reach further', () => {
    const missed = [trimmed(3), begun({ after: '1' }, true), gap(4)]
    expect(faults(6, missed, snapshot(4), events(5, 6))).toEqual([])
    expect(faults(6, missed, snapshot(6))).toEqual([])
    expect(faults(6, missed, snapshot(3), events(4, 5, 6))).toEqual(['uncovered'])
    expect(faults(6, missed, events(5, 6))).toEqual(['early', 'early', 'behind'])
    expect(faults(6, missed, snapshot(5), events(5, 6))).toEqual(['repeat'])
  })

  test('begins a subscription from `last` where nothing was seen before', () => {
    expect(faults(4, begun('last', true), snapshot(2), events(3, 4))).toEqual([])
    expect(faults(4, begun('last', true), snapshot(2), events(4))).toEqual(['hole'])
  })

  test('is not brought when nothing is missing', () => {
    expect(faults(2, begun({ after: '1' }, true), snapshot(2))).toEqual(['unasked-snapshot'])
  })
})

describe('[P6] in the end', () => {
  test('whoever still reads has reached the head', () => {
    expect(faults(3, begun('now'), events(1, 2))).toEqual(['behind'])
    expect(faults(3, begun('now'))).toEqual(['behind'])
    expect(faults(3, begun({ after: '3' }))).toEqual([])
    expect(faults(3, begun('now', true))).toEqual(['behind'])
  })

  test('whoever stopped or went owes nothing more', () => {
    expect(faults(3, begun('now'), events(1), stopped)).toEqual([])
    expect(faults(3, begun('now'), events(1), ended)).toEqual([])
  })
})

describe('[P7] `last`', () => {
  const seen = [begun('now', false, 's'), ...events(1, 2), ended]
  const again = (id: number): readonly Fact[] => [
    begun('last', false, 't', 'B'),
    of({ fact: 'event', id: `${id}`, payload: id }, 't', 'B'),
  ]

  test('goes on from what any tab of the browser had seen', () => {
    expect(faults(3, seen, again(3))).toEqual([])
    expect(faults(4, seen, again(4))).toEqual(['forgotten'])
  })

  test('may also go on from what others saw while it was being asked for', () => {
    const before = [begun('now'), ...events(1, 2)]
    const last = begun('last', false, 't', 'B')
    const word = of({ fact: 'event', id: '4', payload: 4 }, 't', 'B')
    expect(faults(4, before, last, events(3), ended, word)).toEqual([])
    expect(faults(4, before, last, ended, word)).toEqual(['forgotten'])
  })

  test('may have forgotten what a worker saw that was killed at once, but not what it saw before', () => {
    const timed = (facts: readonly Fact[], atMs: number): readonly Fact[] =>
      facts.map((fact) => ({ ...fact, atMs }))
    const killedAt = (atMs: number): readonly Fact[] => [{ fact: 'worker-killed', atMs }]
    const story = (at: number) => [timed(seen, 0), killedAt(at), timed(again(4), 20_000)]
    expect(faults(4, ...story(100))).toEqual([])
    expect(faults(4, ...story(10_000))).toEqual(['forgotten'])
  })
})

test('what the page was told of as an error counts, unless it was to be expected', () => {
  expect(faults(0, { fact: 'error', tab: 'A', code: 'no-snapshot' })).toEqual([])
  expect(faults(0, { fact: 'error', tab: 'A', code: 'bad-event' })).toEqual(['error'])
})
