/** Proves that the judge sees what a consumer forgot, handled twice or out of order [P8]. */
import { describe, expect, test } from 'vitest'
import { judge } from './judge.js'
import { ATTEMPTS_MAX, type Fact, idIn, type Turn } from './story.js'

const id = (n: number, epoch = 'e'): string => idIn(epoch, `${n}`)
const turn = (what: Turn, tab = 'A'): Fact => ({ ...what, tab, channel: 'c', consumer: 'bell' })
const did =
  (fact: 'begun' | 'done' | 'failed') =>
  (n: number, tab = 'A', attempt = 1): Fact =>
    turn({ fact, id: id(n), payload: n, attempt }, tab)
const [begun, done, failed] = [did('begun'), did('done'), did('failed')]
const handled = (...ids: readonly number[]): readonly Fact[] =>
  ids.flatMap((n) => [begun(n), done(n)])
const by = (tab: string, ...ids: readonly number[]): readonly Fact[] =>
  ids.flatMap((n) => [begun(n, tab), done(n, tab)])
const consuming = (tab = 'A'): Fact => turn({ fact: 'consuming' }, tab)
const goes = (tab = 'A'): Fact => ({ fact: 'tab-goes', tab })
const ended = (tab = 'A'): Fact => ({ fact: 'tab-ended', tab, how: 'killed' })
const killed: Fact = { fact: 'worker-killed' }
const trimmed = (upTo: number): Fact => ({ fact: 'trimmed', channel: 'c', upTo: id(upTo) })
const skipped = (to: number): Fact => turn({ fact: 'skipped', reason: 'trimmed', id: id(to) })
const parked = (...ids: readonly number[]): Fact => ({
  fact: 'parked',
  events: ids.map((n) => ({ channel: 'c', consumer: 'bell', id: id(n) })),
})

function faults(length: number, ...facts: readonly (Fact | readonly Fact[])[]): readonly string[] {
  const entries = Array.from({ length }, (_, at) => ({ id: id(at + 1), payload: at + 1 }))
  const logs = new Map([['c', [{ epoch: 'e', entries }]]])
  return judge({ facts: facts.flat() as Fact[], logs }).complaints.map(({ what }) => what)
}

describe('[P8] a consumer', () => {
  test('begins anywhere, and handles every event from there on, in whatever tab', () => {
    expect(faults(4, consuming(), handled(2, 3, 4))).toEqual([])
    expect(faults(4, consuming(), consuming('B'), handled(2), by('B', 3), handled(4))).toEqual([])
  })

  test('that leaves one out is seen, and one that begins the next too early', () => {
    expect(faults(3, consuming(), handled(1, 3))).toEqual(['not-begun'])
    expect(faults(2, consuming(), begun(1), handled(2))).toEqual(['passed-over'])
    expect(faults(2, consuming(), handled(2, 1))).toEqual(['disorder'])
  })

  test('that did not come to the end is seen, unless nobody consumes any more', () => {
    expect(faults(3, consuming(), handled(1, 2))).toEqual(['unhandled'])
    expect(faults(2, consuming(), handled(1), begun(2))).toEqual(['unhandled'])
    expect(faults(2, consuming())).toEqual(['unhandled'])
    expect(faults(3, consuming(), handled(1, 2), ended())).toEqual([])
  })

  test('that handles what nobody published is seen', () => {
    expect(faults(1, consuming(), handled(1), begun(7))).toEqual(['stranger'])
    const other = turn({ fact: 'begun', id: id(1), payload: 'x', attempt: 1 })
    expect(faults(1, consuming(), other, done(1))).toEqual(['distorted'])
  })
})

describe('[P8] twice', () => {
  test('is no fault of what was under way when its worker died', () => {
    const at = (atMs: number, ...facts: readonly Fact[]): readonly Fact[] =>
      facts.map((fact) => ({ ...fact, atMs }))
    const late = (ms: number): readonly string[] =>
      faults(
        2,
        at(0, consuming(), ...handled(1)),
        at(1_000, killed),
        at(1_000 + ms, ...handled(2)),
        at(9_000, ...handled(2)),
      )
    expect(late(100)).toEqual([])
    expect(late(500)).toEqual(['begun-again'])
  })

  test('is a fault when nobody was interrupted', () => {
    expect(faults(1, consuming(), handled(1, 1))).toEqual(['begun-again'])
    expect(faults(1, consuming(), begun(1), by('B', 1))).toEqual(['begun-again'])
    expect(faults(2, consuming(), goes('B'), handled(1, 1), handled(2))).toEqual(['begun-again'])
  })

  test('is what a tab had in hand that went, also if it was just done with it', () => {
    const both = [consuming(), consuming('B')]
    expect(faults(2, both, begun(1), goes(), by('B', 1, 2))).toEqual([])
    expect(faults(2, both, handled(1), goes(), by('B', 1, 2))).toEqual([])
    expect(faults(2, both, goes(), begun(1), by('B', 1, 2))).toEqual([])
    expect(faults(2, both, handled(1), goes(), by('B', 1, 1, 2))).toEqual(['begun-again'])
  })

  test('is what was in hand when the worker was killed, and nothing before it', () => {
    expect(faults(3, consuming(), handled(1, 2), killed, handled(2, 3))).toEqual([])
    expect(faults(3, consuming(), handled(1, 2), killed, handled(1, 2, 3))).toEqual(['disorder'])
  })

  test('is what failed, so often and no more, and then it lies parked', () => {
    const tries = Array.from({ length: ATTEMPTS_MAX }, (_, index) => [
      begun(1, 'A', index + 1),
      failed(1, 'A', index + 1),
    ]).flat()
    expect(faults(1, consuming(), begun(1), failed(1), begun(1, 'A', 2), done(1, 'A', 2))).toEqual(
      [],
    )
    expect(faults(2, consuming(), tries, handled(2), parked(1))).toEqual([])
    expect(faults(2, consuming(), tries, handled(2), parked())).toEqual(['not-parked'])
    expect(faults(2, consuming(), tries.slice(0, -2), handled(2))).toEqual(['passed-over'])
    const more = begun(1, 'A', ATTEMPTS_MAX + 1)
    expect(faults(1, consuming(), tries, more, done(1, 'A', ATTEMPTS_MAX + 1))).toEqual([
      'too-often',
    ])
    expect(faults(1, consuming(), handled(1), parked(1))).toEqual(['false-parking'])
  })

  test('may go on for longer when somebody said goodbye in the middle, and end sooner when somebody died', () => {
    const tries = [begun(1), failed(1), begun(1, 'A', 2), goes(), failed(1, 'A', 2)]
    const more = [begun(1, 'B', 4), failed(1, 'B', 4)]
    const both = [consuming(), consuming('B')]
    expect(faults(2, both, tries, more, by('B', 2), parked(1))).toEqual([])
    expect(faults(2, both, tries, more, by('B', 2), parked())).toEqual([])
    expect(faults(1, both, tries, more, begun(1, 'B', 5), done(1, 'B', 5))).toEqual([])
  })

  test('may have failed for good when its tab went just as it was done', () => {
    const both = [consuming(), consuming('B')]
    const tries = [1, 2].flatMap((attempt) => [begun(1, 'B', attempt), failed(1, 'B', attempt)])
    const last = [begun(1, 'A', 3), done(1, 'A', 3)]
    expect(faults(2, both, tries, last, goes(), by('B', 2), parked(1))).toEqual([])
    expect(faults(2, both, tries, last, goes(), by('B', 2), parked())).toEqual([])
    expect(faults(2, both, tries, last, by('B', 2), parked(1))).toEqual(['false-parking'])
  })
})

describe('[P8] a gap', () => {
  test('is told, and true', () => {
    expect(faults(5, trimmed(3), consuming(), handled(1), skipped(4), handled(5))).toEqual([])
    expect(faults(5, consuming(), handled(1), skipped(4), handled(5))).toEqual(['false-gap'])
    expect(faults(5, trimmed(3), consuming(), handled(1, 5))).toEqual(['not-begun'])
  })

  test('comes behind what was in hand, which is done, or lies parked', () => {
    const tries = [1, 2, 3].flatMap((attempt) => [begun(1, 'A', attempt), failed(1, 'A', attempt)])
    const start = [trimmed(3), consuming()]
    expect(faults(5, start, tries, skipped(4), handled(5), parked(1))).toEqual([])
    expect(faults(5, start, tries, skipped(4), handled(5), parked())).toEqual(['not-parked'])
    expect(faults(5, start, begun(1), skipped(4), handled(5))).toEqual(['passed-over'])
    expect(faults(5, start, begun(1), killed, skipped(4), handled(5))).toEqual([])
  })

  test('may begin before what was in hand when the worker went, and nowhere else', () => {
    const handed = [consuming(), ...handled(1, 2)]
    const rest = [skipped(4), ...handled(5)]
    expect(faults(5, trimmed(2), handed, killed, rest)).toEqual([])
    expect(faults(5, trimmed(2), handed, rest)).toEqual(['false-gap'])
    expect(faults(5, trimmed(1), handed, killed, rest)).toEqual(['false-gap'])
  })

  test('may be told again, when the worker went that had told it', () => {
    const first = [trimmed(3), consuming(), ...handled(1, 2), killed, skipped(3)]
    expect(faults(5, first, killed, skipped(4), handled(5))).toEqual([])
    expect(faults(6, first, handled(4), killed, skipped(5), handled(6))).toEqual(['false-gap'])
    expect(faults(5, trimmed(3), consuming(), skipped(3), skipped(4), handled(5))).toEqual([
      'false-gap',
    ])
  })

  test('may end sooner when it is told again, and only then', () => {
    const first = [trimmed(3), consuming(), ...handled(1, 2), skipped(5)]
    expect(faults(5, first, killed, skipped(3), handled(4, 5))).toEqual([])
    expect(faults(5, first, skipped(4), handled(5)).at(0)).toBe('false-gap')
    const twice = faults(6, first, killed, skipped(5), skipped(4), handled(5, 6))
    expect(twice.at(0)).toBe('false-gap')
    expect(faults(6, first, handled(6), killed, skipped(4), handled(5, 6)).at(0)).toBe('false-gap')
  })

  test('may go with the tab that it was told to', () => {
    const both = [trimmed(3), consuming(), consuming('B'), ...handled(1)]
    expect(faults(5, both, goes(), by('B', 5))).toEqual([])
    expect(faults(5, consuming(), consuming('B'), handled(1), goes(), by('B', 5))).toEqual([
      'not-begun',
    ])
  })
})
