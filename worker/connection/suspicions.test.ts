import { describe, expect, it } from 'vitest'
import { FACTS, NOW, online, run, STATES } from '../../testing/connection-specimens.js'
import type { Effect, State } from './state.js'
import { deadlineOf } from './step.js'

describe('suspicions', () => {
  it('[P10][S39] give a socket two seconds to prove itself', () => {
    for (const why of ['online', 'visible', 'woke'] as const) {
      const { state, effects } = run(online, { type: 'suspected', why })
      expect(effects).toEqual([{ type: 'send-ping', id: 8 }])
      expect(deadlineOf(state)).toBe(NOW + 2_000)
    }
  })

  it('[S40] do not extend a shorter deadline, however many tabs have them', () => {
    const first = run(online, FACTS.suspected).state
    expect(run(first, FACTS.suspected, { now: NOW + 500 }).state).toBe(first)
  })

  it('[P10] are one ping when ten tabs of a window are shown at once', () => {
    let state: State = { ...online, ping: null }
    const sent: Effect[] = []
    for (let tab = 0; tab < 10; tab++) {
      const next = run(state, FACTS.suspected, { now: NOW + tab * 20 })
      sent.push(...next.effects)
      // The answer to the first is back before the last tab has spoken.
      state = run(next.state, { type: 'pong-received', id: 1 }, { now: NOW + tab * 20 + 10 }).state
    }
    expect(sent).toEqual([{ type: 'send-ping', id: 1 }])
  })

  it('[P10][F33][S28][S133] take no answer from before the network changed or the machine slept for one', () => {
    const answered = { ...online, ping: { id: 7, sentAt: NOW - 10, by: null } }
    for (const why of ['online', 'woke'] as const) {
      const { effects } = run(answered, { type: 'suspected', why })
      expect(effects).toEqual([{ type: 'send-ping', id: 8 }])
    }
  })

  it('[P10][F33][S27] of tabs shown in one moment are one, and take no older answer for a sign of life', () => {
    const answered = (agoMs: number) => ({
      ...online,
      ping: { id: 7, sentAt: NOW - agoMs, by: null },
    })
    const young = answered(240)
    expect(run(young, FACTS.suspected).state).toBe(young)
    expect(run(answered(260), FACTS.suspected).effects).toEqual([{ type: 'send-ping', id: 8 }])
  })

  it('[P10] do not take a ping that is still on its way for an answer', () => {
    const asked = { ...online, ping: { id: 7, sentAt: NOW - 10, by: NOW + 9_990 } }
    expect(deadlineOf(run(asked, FACTS.suspected).state)).toBe(NOW + 2_000)
  })

  for (const name of ['opening', 'greeting'] as const) {
    it(`[P10][S21] give an attempt that was ${name} before the network came back two seconds`, () => {
      const old = { ...STATES[name], until: NOW + 8_000 }
      const { state } = run(old, { type: 'suspected', why: 'online' })
      expect(deadlineOf(state)).toBe(NOW + 2_000)
      const again = run(state, { type: 'suspected', why: 'online' }, { now: NOW + 500 })
      expect(again.state).toBe(state)
    })

    it(`[S21] leave alone what is ${name} since a moment, perhaps for the same reason`, () => {
      const young = { ...STATES[name], until: NOW + 8_001 }
      expect(run(young, { type: 'suspected', why: 'online' }).state).toBe(young)
      expect(run({ ...young, until: NOW + 5_000 }, FACTS.suspected).effects).toEqual([])
    })

    it(`[F33][S21] know no young attempt after a sleep: the clock may have slept too (${name})`, () => {
      const young = { ...STATES[name], until: NOW + 9_900 }
      const { state } = run(young, { type: 'suspected', why: 'woke' })
      expect(deadlineOf(state)).toBe(NOW + 2_000)
    })
  }

  it('[S20] shorten a wait and never lengthen it', () => {
    const waiting = STATES.waiting
    expect(run(waiting, FACTS.suspected, { roll: 1 }).state).toMatchObject({ until: NOW + 250 })
    const nearly = { ...waiting, until: NOW + 10 }
    expect(run(nearly, FACTS.suspected, { roll: 1 }).state).toBe(nearly)
  })
})
