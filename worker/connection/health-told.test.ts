import { describe, expect, it } from 'vitest'
import { FACTS, NOW, outcomeOf, run, STATES } from '../../testing/connection-specimens.js'
import type { Health, State } from './state.js'

const more = { hasHealth: true }
const told = (health: Health) => ({ type: 'health-told', health }) as const
const lose = (state: State) => run(state, FACTS['socket-closed'], { more })
const effectsOf = (state: State) => lose(state).effects.map(({ type }) => type)

/** As if that many attempts in a row had failed, with this answer after each. */
function outage(...answers: Health[]): State {
  let state: State = STATES.opening
  for (const health of answers) {
    state = run(lose(state).state, told(health), { roll: 1 }).state
    state = run(state, FACTS['reconnect-asked']).state
  }
  return state
}

describe('the health address', () => {
  it('[S32] is asked when an attempt has failed without a word', () => {
    expect(effectsOf(STATES.opening)).toEqual(['close-socket', 'ask-health'])
    expect(effectsOf(STATES.greeting)).toEqual(['close-socket', 'ask-health'])
  })

  it('[P11][S32] is not asked where nobody set one, on the first loss, or when the server has spoken', () => {
    expect(run(STATES.opening, FACTS['socket-closed']).effects).toHaveLength(1)
    expect(effectsOf(STATES.online)).toEqual(['close-socket'])
    expect(effectsOf({ ...STATES.opening, ifLost: 'server-restart' })).toEqual(['close-socket'])
    const spoken = [
      { code: 1013 },
      { code: 4002 },
      { code: 1006, afterMs: 1_000 },
      { code: 4001 },
      { code: 1008 },
    ]
    for (const close of spoken) {
      const { effects } = run(STATES.opening, { type: 'socket-closed', ...close }, { more })
      expect(effects.map(({ type }) => type)).not.toContain('ask-health')
    }
  })

  it('[P9][S33] explains what keeps failing', () => {
    const cases: [answer: Health, cause: string][] = [
      ['well', 'refused'],
      ['ill', 'server-busy'],
      ['silent', 'network'],
    ]
    for (const [answer, cause] of cases) {
      expect(lose(outage(answer)).state).toMatchObject({ name: 'waiting', cause })
    }
    expect(run(lose(STATES.opening).state, told('ill')).state).toMatchObject({
      cause: 'server-busy',
    })
  })

  it('[S22] brings an attempt forward with its first good word', () => {
    const waiting = { ...STATES.waiting, said: 'silent' } as const
    expect(run(waiting, told('well'), { roll: 1 }).state).toMatchObject({
      until: NOW + 250,
      attempt: waiting.attempt,
    })
  })

  it('[F42][S22][S33] does so once: an address that is well while sockets fail undoes no backoff', () => {
    const { state } = lose(outage('well'))
    expect(run(state, told('well')).state).toBe(state)
    const back = lose(outage('well', 'silent')).state
    expect(run(back, told('well'), { roll: 0 }).state).toMatchObject({ until: NOW })
  })

  it('[P11] says nothing against a time that the server has named', () => {
    const prescribed = { ...STATES.waiting, prescribed: true }
    for (const health of ['well', 'ill', 'silent'] as const) {
      expect(run(prescribed, told(health)).state).toBe(prescribed)
    }
  })

  it('knows no better than the server: what that has said stays the cause', () => {
    for (const cause of ['server-restart', 'heartbeat', 'refused', 'server-busy'] as const) {
      const waiting = { ...STATES.waiting, cause }
      expect(run(waiting, told('silent')).state).toBe(waiting)
    }
  })

  it('[P10][S34][S39] never declares a line dead or alive', () => {
    for (const health of ['well', 'ill', 'silent'] as const) {
      for (const name of ['idle', 'opening', 'greeting', 'online', 'paused', 'stopped'] as const) {
        expect(outcomeOf(STATES[name], told(health))).toBe('stays')
      }
      expect(run(STATES.waiting, told(health)).state.name).toBe('waiting')
    }
  })

  it('is forgotten once the line was up', () => {
    const { state } = run({ ...STATES.greeting, said: 'well' }, FACTS.welcomed)
    expect(lose(state).state).toMatchObject({ cause: 'network', said: null })
  })
})
