import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../../../protocol/errors.js'
import type { Cursor, EventId } from '../../../protocol/ids.js'
import { type Fact, type Hand, type Piece, step, type Taker, type Turn } from './turn.js'

const NOW = 50_000
const TIMEOUT = 30_000
const cursor = (id: string): Cursor => ({ epoch: 'e1', id }) as Cursor
const event = (id: string): Piece => ({ kind: 'event', cursor: cursor(id), payload: `"${id}"` })
const FAILED = { code: 'failed', details: { reason: 'no' }, message: 'No.' } as ErrorInfo
const INVALID = { ...FAILED, code: 'invalid' } as ErrorInfo

const taker = (name: string, more: Partial<Taker> = {}): Taker => ({
  consumption: { id: 1, channel: 'news', name, maxAttempts: 3, timeout: TIMEOUT },
  isVisible: false,
  isLate: false,
  ...more,
})

const one = taker('one')
const two = taker('two')
const hand: Hand = { piece: event('7'), attempt: 1, failures: 0, doubts: 0, tab: one }
const scene = { now: NOW, roll: 0.5, tabs: [one, two] }

/** One specimen of each state, each due now. */
const STATES: { [Name in Turn['state']]: Turn } = {
  idle: { state: 'idle' },
  waiting: { state: 'waiting', hand },
  offered: { state: 'offered', hand, until: NOW },
  begun: { state: 'begun', hand, until: NOW },
  doubted: { state: 'doubted', hand, until: NOW },
  resting: { state: 'resting', hand, until: NOW },
  ending: { state: 'ending', hand },
}

const about = { tab: one, attempt: 1, event: '7' as EventId } as const

/** One specimen of each fact, about the attempt that is under way. */
const FACTS = {
  'piece-came': { type: 'piece-came', piece: event('8') },
  'tab-came': { type: 'tab-came' },
  'its tab left': { type: 'tab-gone', tab: one, how: 'left' },
  'its tab died': { type: 'tab-gone', tab: one, how: 'died' },
  taken: { type: 'taken', hand },
  handled: { type: 'handled', ...about },
  failed: { type: 'handled', ...about, error: FAILED },
  'time-passed': { type: 'time-passed' },
  written: { type: 'written' },
} satisfies Record<string, Fact>

/** docs/STATES.md, cell by cell. `stays`: the same reference, no effect. */
const TABLE: Record<Turn['state'], Record<keyof typeof FACTS, string>> = {
  idle: {
    'piece-came': 'offered + hand-out one 1',
    'tab-came': 'stays',
    'its tab left': 'stays',
    'its tab died': 'stays',
    taken: 'stays',
    handled: 'stays',
    failed: 'stays',
    'time-passed': 'stays',
    written: 'stays',
  },
  waiting: {
    'piece-came': 'stays',
    'tab-came': 'offered + hand-out one 2',
    'its tab left': 'stays',
    'its tab died': 'offered + hand-out one 2',
    taken: 'doubted',
    handled: 'ending + write-end',
    failed: 'resting',
    'time-passed': 'stays',
    written: 'stays',
  },
  offered: {
    'piece-came': 'stays',
    'tab-came': 'stays',
    'its tab left': 'offered + hand-out one 2',
    'its tab died': 'offered + hand-out one 2',
    taken: 'begun',
    handled: 'ending + write-end',
    failed: 'resting',
    'time-passed': 'offered + pass-over one, hand-out two 2',
    written: 'stays',
  },
  begun: {
    'piece-came': 'stays',
    'tab-came': 'stays',
    'its tab left': 'offered + hand-out one 2',
    'its tab died': 'offered + hand-out one 2',
    taken: 'stays',
    handled: 'ending + write-end',
    failed: 'resting',
    'time-passed': 'resting',
    written: 'stays',
  },
  doubted: {
    'piece-came': 'stays',
    'tab-came': 'stays',
    'its tab left': 'offered + hand-out one 2',
    'its tab died': 'offered + hand-out one 2',
    taken: 'stays',
    handled: 'ending + write-end',
    failed: 'resting',
    'time-passed': 'offered + hand-out one 2',
    written: 'stays',
  },
  resting: {
    'piece-came': 'stays',
    'tab-came': 'stays',
    'its tab left': 'stays',
    'its tab died': 'stays',
    taken: 'stays',
    handled: 'ending + write-end',
    failed: 'stays',
    'time-passed': 'offered + hand-out one 2',
    written: 'stays',
  },
  ending: {
    'piece-came': 'stays',
    'tab-came': 'stays',
    'its tab left': 'stays',
    'its tab died': 'stays',
    taken: 'stays',
    handled: 'stays',
    failed: 'stays',
    'time-passed': 'stays',
    written: 'idle',
  },
}

function told(turn: Turn, fact: Fact, more: Partial<typeof scene> = {}): string {
  const next = step(turn, fact, { ...scene, ...more })
  if (next.turn === turn && !next.effects.length) return 'stays'
  const effects = next.effects.map((effect) => {
    if (effect.type === 'write-end') return effect.error ? `park ${effect.error.code}` : effect.type
    const { name } = effect.tab.consumption
    return `${effect.type} ${name}${effect.type === 'hand-out' ? ` ${effect.hand.attempt}` : ''}`
  })
  return [next.turn.state, effects.join(', ')].filter(Boolean).join(' + ')
}

describe('[P8][S74] the table of a turn', () => {
  for (const [state, row] of Object.entries(TABLE)) {
    for (const [name, expected] of Object.entries(row)) {
      it(`${state}, ${name}: ${expected}`, () => {
        expect(
          told(STATES[state as Turn['state']], FACTS[name as keyof typeof FACTS] as Fact),
        ).toBe(expected)
      })
    }
  }

  it('time that has not come yet changes nothing', () => {
    for (const turn of Object.values(STATES)) {
      expect(told(turn, FACTS['time-passed'], { now: NOW - 1 })).toBe('stays')
    }
  })

  it('[S80] a word about another attempt, tab or event changes nothing', () => {
    const strays: Fact[] = [
      { ...FACTS.handled, attempt: 2 },
      { ...FACTS.handled, tab: two },
      { ...FACTS.handled, event: '6' as EventId },
      { ...FACTS['its tab died'], tab: two },
      { type: 'taken', hand: { ...hand, piece: event('7') } },
    ]
    for (const turn of Object.values(STATES)) {
      for (const fact of strays) expect(told(turn, fact)).toBe('stays')
    }
  })
})

describe('[P8] an event', () => {
  const come = FACTS['piece-came']
  const idle: Turn = { state: 'idle' }

  it('[S77] goes to a visible tab, or else to the first that offered, and to none that is late', () => {
    const visible = taker('visible', { isVisible: true })
    const late = taker('late', { isLate: true, isVisible: true })
    expect(told(idle, come, { tabs: [one, visible] })).toBe('offered + hand-out visible 1')
    expect(told(idle, come, { tabs: [late, one, two] })).toBe('offered + hand-out one 1')
    expect(told(idle, come, { tabs: [late] })).toBe('waiting')
    expect(told(idle, come, { tabs: [] })).toBe('waiting')
  })

  it('[S75][S146] has until the page refuses it to be taken, and then its own time', () => {
    const offered = step(idle, come, scene).turn
    if (offered.state !== 'offered') throw new Error(offered.state)
    expect(offered.until).toBe(NOW + 5_000)
    const begun = step(offered, { type: 'taken', hand: offered.hand }, scene).turn
    expect(begun).toMatchObject({ state: 'begun', until: NOW + TIMEOUT + 1_000 })
  })

  it('[P11][S76] waits longer after each failure, with jitter below the cap', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6].map((failures) => {
      const patient = taker('one', { consumption: { ...one.consumption, maxAttempts: 99 } })
      const turn: Turn = {
        state: 'begun',
        hand: { ...hand, failures, tab: patient },
        until: NOW,
      }
      const ends = [0, 0.999_999].map((roll) => {
        const next = step(turn, { ...FACTS.failed, tab: patient }, { ...scene, roll }).turn
        return next.state === 'resting' ? Math.round(next.until - NOW) : next.state
      })
      return ends
    })
    expect(waits).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [4_000, 8_000],
      [8_000, 16_000],
      [15_000, 30_000],
      [15_000, 30_000],
    ])
  })

  it('[S78] is parked when it has failed too often, however it did', () => {
    const last = { ...hand, failures: 2 }
    const begun: Turn = { state: 'begun', hand: last, until: NOW }
    expect(told(begun, FACTS.failed)).toBe('ending + park failed')
    expect(told(begun, FACTS['time-passed'])).toBe('ending + park timeout')
    expect(told(begun, FACTS['its tab died'])).toBe('ending + park outcome-unknown')
    expect(told(begun, FACTS['its tab left'])).toBe('offered + hand-out one 2')
  })

  it('[S78][G36] that is not what it should be is parked at once: it will be no better', () => {
    expect(told(STATES.begun, { ...FACTS.failed, error: INVALID })).toBe('ending + park invalid')
  })

  it('[S78] that was parked is tried once when somebody asks for it', () => {
    const piece: Piece = { kind: 'parked', key: 'k', cursor: cursor('7'), payload: '1' }
    const begun: Turn = { state: 'begun', hand: { ...hand, piece }, until: NOW }
    expect(told(begun, FACTS.failed)).toBe('ending + park failed')
    expect(told(begun, FACTS.handled)).toBe('ending + write-end')
  })

  it('[P14][S83] that each tab takes too late does not go round for ever', () => {
    let { turn } = step(idle, come, scene)
    const log: string[] = []
    for (let i = 0; i < 100 && turn.state !== 'ending'; i++) {
      if (!('hand' in turn)) break
      const given = turn.hand
      const now = NOW + 1e6 * (i + 1)
      // Passed over, and then taken after all, while another tab has it.
      const next = step(turn, { type: 'time-passed' }, { ...scene, now })
      log.push(next.turn.state)
      turn = step(next.turn, { type: 'taken', hand: given }, { ...scene, now }).turn
    }
    expect(turn.state).toBe('ending')
    expect(log.slice(0, 5)).toEqual(['offered', 'offered', 'offered', 'offered', 'resting'])
    expect(log.filter((state) => state === 'resting')).toHaveLength(2)
  })

  it('[P14][S83] that the only tab takes too late has failed the fourth time', () => {
    const late = (doubts: number): Turn => ({
      state: 'doubted',
      hand: { ...hand, doubts },
      until: NOW,
    })
    expect(told(late(3), FACTS['time-passed'])).toBe('offered + hand-out one 2')
    expect(told(late(4), FACTS['time-passed'])).toBe('resting')
  })
})

describe('[P6] a gap', () => {
  const piece: Piece = { kind: 'gap', cursor: cursor('9'), reason: 'trimmed' }
  const gap: Hand = { ...hand, piece }

  it('[S79] is over when a tab has been told, also late', () => {
    const fact: Fact = { type: 'taken', hand: gap }
    expect(told({ state: 'offered', hand: gap, until: NOW }, fact)).toBe('ending + write-end')
    expect(told({ state: 'waiting', hand: gap }, fact)).toBe('ending + write-end')
  })

  it('[S79] is told to another tab when the first dies or does not listen, and never parked', () => {
    const turn: Turn = { state: 'offered', hand: { ...gap, failures: 9 }, until: NOW }
    expect(told(turn, FACTS['its tab died'], { tabs: [two] })).toBe('offered + hand-out two 2')
    expect(told(turn, FACTS['time-passed'])).toBe('offered + pass-over one, hand-out two 2')
  })
})
