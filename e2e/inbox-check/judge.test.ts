/**
 * Proves that the judge sees holes, repeats and gaps that were not told [P6] [P7], and events that a
 * consumer forgot or handled twice [P8]: it must be able to fail.
 */
import { describe, expect, test } from 'vitest'
import type { GapReason } from '../../protocol/index.js'
import { judge } from './judge.js'
import { type Beginning, type Chapter, type Fact, idIn, type Story } from './story.js'

const of = (chapter: Chapter, subscription = 's', tab = 'A'): Fact => ({
  ...chapter,
  subscription,
  tab,
})
const begun = (from: Beginning, hasSnapshot = false, subscription = 's', tab = 'A'): Fact =>
  of({ fact: 'subscribed', channel: 'c', from, hasSnapshot }, subscription, tab)
/** The n-th event has the id n and the payload n; so has that of the next history, `f`. */
const id = (n: number, epoch = 'e'): string => idIn(epoch, `${n}`)
const behind = (n: number): Beginning => ({ after: id(n) })
const event = (n: number, epoch = 'e'): Chapter => ({
  fact: 'event',
  id: id(n, epoch),
  payload: n,
})
const events = (...ids: readonly number[]): readonly Fact[] => ids.map((n) => of(event(n)))
const placed = (n: number, subscription = 's'): Fact =>
  of({ fact: 'placed', id: id(n) }, subscription)
const gap = (to: number, reason: GapReason = 'trimmed', epoch = 'e'): Fact =>
  of({ fact: 'gap', reason, id: id(to, epoch) })
const snapshot = (at: number, epoch = 'e'): Fact => of({ fact: 'snapshot', at: id(at, epoch) })
const stopped = of({ fact: 'stopped' })
const trimmed = (upTo: number): Fact => ({ fact: 'trimmed', channel: 'c', upTo: id(upTo) })
const ended: Fact = { fact: 'tab-ended', tab: 'A', how: 'closed' }

function storyOf(facts: readonly Fact[], ...lengths: readonly number[]): Story {
  const histories = lengths.map((length, index) => {
    const epoch = 'ef'.charAt(index)
    const entries = Array.from({ length }, (_, at) => ({ id: id(at + 1, epoch), payload: at + 1 }))
    return { epoch, entries }
  })
  return { facts, logs: new Map([['c', histories]]) }
}

type Said = readonly (Fact | readonly Fact[])[]
const faultsIn = (lengths: readonly number[], facts: Said): readonly string[] =>
  judge(storyOf(facts.flat() as Fact[], ...lengths)).complaints.map(({ what }) => what)
const faults = (length: number, ...facts: Said) => faultsIn([length], facts)

describe('a good session', () => {
  test('has nothing to complain of', () => {
    const facts = [begun({ after: '' }), ...events(1, 2), gap(4, 'slow'), ...events(5)]
    expect(judge(storyOf(facts, 5))).toEqual({
      subscriptions: 1,
      events: 3,
      gaps: 1,
      snapshots: 0,
      begun: 0,
      begunAgain: 0,
      complaints: [],
    })
  })

  test('may begin anywhere with `now`, and nowhere but there with an id', () => {
    expect(faults(5, begun('now'), events(4, 5))).toEqual([])
    expect(faults(5, begun(behind(3)), events(4, 5))).toEqual([])
    expect(faults(5, begun(behind(0)), events(1, 2, 3, 4, 5))).toEqual([])
    expect(faults(5, begun(behind(2)), events(4, 5))).toEqual(['hole'])
    expect(faults(5, begun(behind(4)), events(4, 5))).toEqual(['repeat'])
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
    const other = of({ fact: 'event', id: id(1), payload: 'x' })
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
    const facts = [trimmed(3), begun(behind(2)), gap(1), ...events(2, 3)]
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
    const missed = [trimmed(3), begun(behind(1), true), gap(4)]
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
    expect(faults(2, begun(behind(1), true), snapshot(2))).toEqual(['unasked-snapshot'])
  })
})

describe('[P6] [F39] a log that was emptied', () => {
  const next = (...ids: readonly number[]): readonly Fact[] => ids.map((n) => of(event(n, 'f')))

  test('is a gap, and a hole without one, however the ids look', () => {
    const before = [begun('now'), ...events(1, 2)]
    expect(faultsIn([2, 3], [before, gap(1, 'epoch', 'f'), next(2, 3)])).toEqual([])
    expect(faultsIn([2, 3], [before, gap(0, 'epoch', 'f'), next(1, 2, 3)])).toEqual([])
    expect(faultsIn([2, 3], [before, next(1, 2, 3)])).toEqual(['hole'])
    expect(faultsIn([2, 3], [before, next(3)])).toEqual(['hole'])
  })

  test('may be told of by a snapshot before the line has heard of it, once', () => {
    const ahead = [begun('now', true), snapshot(2), gap(3, 'slow'), snapshot(1, 'f')]
    const told = [gap(1, 'epoch', 'f'), snapshot(1, 'f')]
    expect(faultsIn([3, 1], [ahead, told])).toEqual([])
    expect(faultsIn([3, 1], [ahead, told, told])).toContain('false-gap')
  })

  test('may be where the first snapshot was taken, and the line still before it', () => {
    const first = [begun('last', true), snapshot(0, 'f')]
    const back = [gap(2, 'epoch'), snapshot(1, 'f')]
    expect(faultsIn([2, 1], [first, back])).toEqual([])
    expect(faultsIn([2, 1], [first, next(1), back])).toContain('false-gap')
    expect(faultsIn([2, 1], [first, gap(1, 'epoch', 'f'), snapshot(1, 'f')])).toEqual([])
    const only = [begun('last', true), snapshot(0), gap(1, 'epoch'), snapshot(1)]
    expect(faultsIn([2, 1], [only])).toContain('false-gap')
  })

  test('is no reason for a gap in one and the same history', () => {
    expect(faultsIn([4, 0], [begun('now'), events(1), gap(3, 'epoch'), events(4)])).toEqual([
      'false-gap',
      'behind',
    ])
  })

  test('has a beginning of its own for whoever wants everything', () => {
    expect(faultsIn([2, 2], [begun({ after: '' }), next(1, 2)])).toEqual([])
    expect(faultsIn([2, 2], [begun({ after: '' }), next(2)])).toEqual(['hole'])
  })
})

describe('[P7] kept events', () => {
  const wanting = (history: number): Fact =>
    of({ fact: 'subscribed', channel: 'c', from: 'last', hasSnapshot: false, history })
  const kept = (...ids: readonly number[]): readonly Fact[] =>
    ids.map((n) => of({ fact: 'event', id: id(n), payload: n, isKept: true }))

  test('come first, and what comes behind them follows', () => {
    expect(faults(5, wanting(3), kept(2, 3, 4), events(5))).toEqual([])
    expect(faults(5, wanting(3), kept(1, 2, 3), events(5))).toEqual(['hole'])
    expect(faults(5, wanting(3), kept(2, 3, 4), events(4, 5))).toEqual(['repeat'])
    expect(faults(5, wanting(3), kept(2, 4), events(5))).toEqual(['hole'])
  })

  test('are as many as were wanted, and come before all others', () => {
    expect(faults(3, wanting(2), kept(1, 2, 3))).toEqual(['unasked-kept'])
    expect(faults(3, begun('last'), kept(3))).toEqual(['unasked-kept'])
    expect(faults(3, wanting(3), events(1), kept(2, 3))).toEqual(['unasked-kept', 'unasked-kept'])
  })
})

describe('[P6] in the end', () => {
  test('whoever still reads has reached the head', () => {
    expect(faults(3, begun('now'), events(1, 2))).toEqual(['behind'])
    expect(faults(3, begun('now'))).toEqual(['behind'])
    expect(faults(3, begun(behind(3)))).toEqual([])
    expect(faults(3, begun('now', true))).toEqual(['behind'])
  })

  test('whoever stopped or went owes nothing more', () => {
    expect(faults(3, begun('now'), events(1), stopped)).toEqual([])
    expect(faults(3, begun('now'), events(1), ended)).toEqual([])
  })
})

describe('[P7] `last`', () => {
  const seen = [begun('now', false, 's'), ...events(1, 2), ended]
  const again = (n: number): readonly Fact[] => [
    begun('last', false, 't', 'B'),
    of(event(n), 't', 'B'),
  ]

  test('goes on from what any tab of the browser had seen', () => {
    expect(faults(3, seen, again(3))).toEqual([])
    expect(faults(4, seen, again(4))).toEqual(['forgotten'])
  })

  test('may also go on from what others saw while it was being asked for', () => {
    const before = [begun('now'), ...events(1, 2)]
    const last = begun('last', false, 't', 'B')
    const word = of(event(4), 't', 'B')
    expect(faults(4, before, last, events(3), ended, word)).toEqual([])
    expect(faults(4, before, last, ended, word)).toEqual(['forgotten'])
  })

  test('begins anywhere where the browser knew nothing when it was asked for', () => {
    const last = begun('last', false, 't', 'B')
    const behind = [placed(4, 't'), of(event(5), 't', 'B')]
    expect(faults(5, begun('now'), last, placed(1), behind, ended)).toEqual([])
    expect(faults(5, begun('now'), placed(1), last, behind, ended)).toEqual(['forgotten'])
  })

  test('may have forgotten what a worker saw that was killed at once, but not what it saw before', () => {
    const timed = (facts: readonly Fact[], atMs: number): readonly Fact[] =>
      facts.map((fact) => ({ ...fact, atMs }))
    const killedAt = (atMs: number): readonly Fact[] => [{ fact: 'worker-killed', atMs }]
    const story = (at: number) => [timed(seen, 0), killedAt(at), timed(again(4), 20_000)]
    expect(faults(4, ...story(100))).toEqual([])
    expect(faults(4, ...story(10_000))).toEqual(['forgotten'])
  })

  test('may have forgotten what a tab was told that went before it could say so', () => {
    const at = (atMs: number, ...facts: readonly Fact[]): readonly Fact[] =>
      facts.map((fact) => ({ ...fact, atMs }))
    const goes: Fact = { fact: 'tab-goes', tab: 'A' }
    const story = (ms: number) => [at(0, ...seen), at(ms, goes), at(20_000, ...again(4))]
    expect(faults(4, ...story(100))).toEqual([])
    expect(faults(4, ...story(5_000))).toEqual(['forgotten'])
  })
})

describe('[P7] what a gap was told of', () => {
  const gapped = [trimmed(4), begun('now', true), placed(1), gap(5)]
  const last = [ended, begun('last', false, 't', 'B'), of(event(6), 't', 'B')]

  test('is not seen while a snapshot is owed: whoever begins behind it has forgotten it', () => {
    expect(faults(6, gapped, last)).toEqual(['forgotten'])
    expect(faults(6, gapped, snapshot(5), last)).toEqual([])
  })

  test('may be all that a browser knows, and known to one tab only', () => {
    const alone = [begun('now', true), snapshot(3), ended, begun('last', false, 't', 'B')]
    expect(faults(6, alone, of(event(6), 't', 'B'))).toEqual([])
    const both = [begun('now', false, 'u', 'C'), placed(2, 'u'), ...alone]
    expect(faults(6, both, of(event(6), 't', 'B'), { ...ended, tab: 'C' } as Fact)).toEqual([
      'forgotten',
    ])
  })
})

test('what the page was told of as an error counts, unless it was to be expected', () => {
  expect(faults(0, { fact: 'error', tab: 'A', code: 'no-snapshot' })).toEqual([])
  expect(faults(0, { fact: 'error', tab: 'A', code: 'bad-event' })).toEqual(['error'])
})

test('a channel that the browser may not enter is told as an error when that is so', () => {
  const told: Fact = { fact: 'error', tab: 'A', code: 'denied' }
  expect(faults(0, told)).toEqual(['error'])
  expect(faults(0, { fact: 'denied', channel: 'c' }, told)).toEqual([])
})
