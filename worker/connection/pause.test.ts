import { describe, expect, it } from 'vitest'
import { FACTS, NOW, online, outcomeOf, run, STATES } from '../../testing/connection-specimens.js'
import { publicState } from './public-state.js'
import type { Happening, PauseReason, State } from './state.js'
import { deadlineOf } from './step.js'

const pause = (reason: PauseReason): Happening => ({ type: 'pause-asked', reason })
const resume = (reason: PauseReason): Happening => ({ type: 'resume-asked', reason })
const having = (state: State, ...facts: Happening[]): State =>
  facts.reduce((now, fact) => run(now, fact).state, state)
const shown = (state: State) => publicState(state, (at) => at)

const refused: State = {
  ...STATES.paused,
  reasons: new Set(['unauthorized']),
}

describe('a pause', () => {
  it('ends when the last of its reasons is taken back, in whatever order', () => {
    const both = having(STATES.idle, FACTS.started, pause('user'), pause('hidden'))
    expect(having(both, resume('user')).name).toBe('paused')
    expect(having(both, resume('hidden')).name).toBe('paused')
    expect(having(both, resume('user'), resume('hidden')).name).toBe('opening')
    expect(having(both, resume('hidden'), resume('user')).name).toBe('opening')
  })

  it('is one pause, however often the same reason is given', () => {
    const once = having(online, pause('user'))
    expect(run(once, pause('user')).state).toBe(once)
    expect(having(once, resume('user')).name).toBe('opening')
  })

  it('[S41] makes no attempt, whatever happens', () => {
    const facts = Object.values(FACTS).filter(
      ({ type }) => !['closed-by-us', 'resume-asked', 'pause-asked'].includes(type),
    )
    for (const fact of facts) expect(outcomeOf(STATES.paused, fact)).toBe('stays')
    expect(deadlineOf(STATES.paused)).toBeNull()
  })

  it('that was asked for before the beginning holds from the beginning', () => {
    const early = having(STATES.idle, pause('user'), pause('hidden'), resume('hidden'))
    expect(having(early, FACTS.started)).toMatchObject({ name: 'paused', attempt: 1 })
    expect(having(early, resume('user'), FACTS.started).name).toBe('opening')
    expect(run(STATES.idle, resume('user')).state).toBe(STATES.idle)
  })

  it('[P1] is over with the line: nothing that is resumed later opens a socket', () => {
    const gone = having(online, pause('user'), FACTS['closed-by-us'])
    expect(having(gone, resume('user')).name).toBe('idle')
  })

  it('[F42][S8][S37] is no way round the backoff', () => {
    const flapping = { ...online, since: NOW - 10, attempt: 6 }
    expect(having(flapping, pause('user'), resume('user'))).toMatchObject({ attempt: 7 })
    expect(having(STATES.waiting, pause('hidden'), resume('hidden'))).toMatchObject({ attempt: 4 })
    expect(having(online, pause('user'), resume('user'))).toMatchObject({ attempt: 1 })
  })

  describe('over a time that the server has named', () => {
    const told = { ...STATES.waiting, prescribed: true, cause: 'server-restart' } as const

    it('[P11][S9] does not shorten it when a tab is seen again', () => {
      expect(having(told, pause('hidden'), resume('hidden'))).toBe(told)
      const late = run(having(told, pause('hidden')), resume('hidden'), { now: told.until })
      expect(late.state).toMatchObject({ name: 'opening', ifLost: 'server-restart' })
    })

    it('[S8] ends at once when a person says so', () => {
      expect(having(told, pause('user'), resume('user')).name).toBe('opening')
    })
  })

  it('[S8][S9] of a stopped line tries again only for a person', () => {
    expect(having(STATES.stopped, pause('hidden'), resume('hidden'))).toBe(STATES.stopped)
    expect(having(STATES.stopped, pause('user'), resume('user')).name).toBe('opening')
  })

  it('[P9] is on the screen with what it is for', () => {
    expect(shown(having(online, pause('hidden'), pause('user')))).toEqual({
      state: 'offline',
      cause: 'paused',
      reasons: ['hidden', 'user'],
    })
  })
})

describe('a refused token', () => {
  const close = { type: 'socket-closed', code: 4001 } as const

  it('[S7][S10][S143] pauses, asks for one fresh token and tries it at once', () => {
    const { state, effects } = run(STATES.greeting, close)
    expect(state).toMatchObject({ name: 'paused', reasons: new Set(['unauthorized']) })
    expect(effects).toMatchObject([{ type: 'close-socket' }, { type: 'ask-token', by: 'refusal' }])
    expect(outcomeOf(refused, FACTS['token-changed'])).toBe('opening + open-socket')
    expect(shown(state)).toEqual({ state: 'unauthorized', cause: 'auth' })
  })

  it('[S10][G75][S143] makes an auth that invents ever new bad tokens wait', () => {
    const third = { ...refused, attempt: 3 }
    expect(run(third, FACTS['token-changed'], { roll: 1 }).state).toMatchObject({
      name: 'waiting',
      cause: 'auth',
      until: NOW + 2_000,
    })
  })

  it('is asked for anew when somebody asks or looks, and there is no other reason', () => {
    for (const fact of [FACTS['reconnect-asked'], FACTS.suspected]) {
      expect(outcomeOf(refused, fact)).toBe('same + ask-token')
      expect(run(refused, fact).effects).toEqual([{ type: 'ask-token', by: 'somebody' }])
      expect(outcomeOf(having(refused, pause('user')), fact)).toBe('stays')
    }
  })

  it('[S11] is not sent again by a person who pauses and resumes', () => {
    const both = having(refused, pause('user'))
    expect(shown(both)).toMatchObject({ state: 'offline', reasons: ['user'] })
    expect(outcomeOf(both, resume('user'))).toBe('paused + ask-token')
    expect(shown(having(both, resume('user')))).toMatchObject({ state: 'unauthorized' })
  })

  it('that has got a successor leaves the other reasons alone', () => {
    const both = having(refused, pause('user'), FACTS['token-changed'])
    expect(both).toMatchObject({ name: 'paused', reasons: new Set(['user']) })
    expect(having(both, resume('user')).name).toBe('opening')
  })

  it('[S41] sets no timer of its own', () => {
    expect(deadlineOf(refused)).toBeNull()
    expect(deadlineOf(STATES.stopped)).toBeNull()
    expect(deadlineOf(STATES.idle)).toBeNull()
  })
})
