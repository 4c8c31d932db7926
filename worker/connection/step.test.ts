import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../protocol/wire/close-codes.js'
import {
  FACTS,
  NOW,
  online,
  outcomeOf,
  rules,
  run,
  STATES,
} from '../../testing/connection-specimens.js'
import type { State } from './state.js'
import { deadlineOf, step } from './step.js'

describe('[S13] verdicts of close codes', () => {
  const table: [number, string, string?][] = [
    [1000, 'waiting', 'network'],
    [1001, 'waiting', 'network'],
    [1005, 'waiting', 'network'],
    [1006, 'waiting', 'network'],
    [1011, 'waiting', 'network'],
    [1012, 'waiting', 'server-restart'],
    [1013, 'waiting', 'server-busy'],
    [4002, 'waiting', 'server-restart'],
    [4008, 'waiting', 'network'],
    [4029, 'waiting', 'server-busy'],
    [4001, 'paused'],
    [4003, 'stopped', 'refused'],
    [4009, 'stopped', 'superseded'],
    [1002, 'stopped', 'fatal'],
    [1007, 'stopped', 'fatal'],
    [1008, 'stopped', 'fatal'],
    [1009, 'stopped', 'fatal'],
  ]
  for (const [code, name, cause] of table) {
    it(`[F35] ${code} → ${name}${cause ? ` (${cause})` : ''}`, () => {
      const { state } = run(online, { type: 'socket-closed', code })
      expect(state.name).toBe(name)
      if (cause) expect(state).toMatchObject({ cause })
    })
  }

  it('lets the app say otherwise', () => {
    const fact = { type: 'socket-closed', code: 4123, now: NOW, roll: 0.5 } as const
    expect(step(online, fact, { ...rules, closeCodes: { 4123: 'fatal' } }).state.name).toBe(
      'stopped',
    )
  })

  it('[P11][S19] waits as long as the server says, and no suspicion shortens that', () => {
    const closed = { type: 'socket-closed', code: 4002, afterMs: 1_000, spreadMs: 60_000 } as const
    const { state } = run(online, closed, { roll: 0.5 })
    expect(state).toMatchObject({ name: 'waiting', until: NOW + 31_000, prescribed: true })
    expect(outcomeOf(state, FACTS.suspected, NOW)).toBe('stays')
  })
})

describe('an attempt', () => {
  it('[S2] has ten seconds to open the socket, and ten for the welcome', () => {
    const opening = run(STATES.waiting, FACTS['reconnect-asked']).state
    expect(deadlineOf(opening)).toBe(NOW + 10_000)
    const greeting = run(opening, FACTS['socket-opened'], { now: NOW + 9_000 }).state
    expect(deadlineOf(greeting)).toBe(NOW + 19_000)
  })

  it('[S23] that somebody asks for comes at once, and begins a new count where none was under way', () => {
    const cases: [state: State, attempt: number][] = [
      [STATES.waiting, STATES.waiting.attempt],
      [{ ...STATES.waiting, prescribed: true }, STATES.waiting.attempt],
      [online, 1],
      [STATES.stopped, 1],
    ]
    for (const [state, attempt] of cases) {
      expect(run(state, FACTS['reconnect-asked']).state).toMatchObject({ name: 'opening', attempt })
    }
    expect(outcomeOf(STATES.paused, FACTS['reconnect-asked'])).toBe('stays')
  })
})

describe('backoff', () => {
  const lose = (state: State, roll = 1, now = NOW) =>
    run(state, { type: 'socket-closed', code: 1006 }, { roll, now }).state

  it('[S16] retries at once after a stable connection, with a small random wait', () => {
    expect(lose(online, 0)).toMatchObject({ attempt: 1, until: NOW })
    expect(lose(online, 1)).toMatchObject({ attempt: 1, until: NOW + 250 })
  })

  it('[P11][S17] then waits anywhere below a ceiling that doubles up to the cap', () => {
    const ceilings = [2, 3, 4, 5, 6, 7, 8, 20].map((attempt) => {
      const state = lose({ ...STATES.opening, attempt: attempt - 1, until: NOW })
      return state.name === 'waiting' ? state.until - NOW : null
    })
    expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(lose({ ...STATES.opening, attempt: 9, until: NOW }, 0)).toMatchObject({ until: NOW })
  })

  it('[F42][S16][S37] begins anew only after the connection was stable for five seconds', () => {
    const young = { ...online, since: NOW - 4_999 }
    expect(lose(young)).toMatchObject({ attempt: 4 })
    expect(lose({ ...online, since: NOW - 5_000 })).toMatchObject({ attempt: 1 })
  })

  it('[F42][S19][S38] waits longer than the server says if that is what flapping has earned', () => {
    const bye = { type: 'socket-closed', code: 1012, afterMs: 0 } as const
    const flapping = { ...STATES.greeting, attempt: 8 }
    expect(run(flapping, bye, { roll: 0.5 }).state).toMatchObject({ until: NOW + 15_000 })
  })

  it('[F41][S18] brings nobody back sooner who came too early after a restart that was announced', () => {
    const early = { ...STATES.opening, attempt: 1, ifLost: 'server-restart' } as const
    for (const fact of [FACTS['socket-closed'], FACTS['deadline-passed']]) {
      const now = fact.type === 'deadline-passed' ? early.until : NOW
      const { state } = run(early, fact, { roll: 1, now })
      expect(state).toMatchObject({ attempt: 2, until: now + 4_000, cause: 'server-restart' })
    }
  })

  it('[S15] spares a busy server the short waits', () => {
    const { state } = run(online, { type: 'socket-closed', code: 4029 }, { roll: 0 })
    expect(state).toMatchObject({ until: NOW + 2_000, cause: 'server-busy' })
  })
})

describe('heartbeat', () => {
  const silent = { ...online, ping: null, pingAt: NOW }

  it('[P10][S132] pings every interval and gives up when nothing is heard within the timeout', () => {
    const pinged = run(silent, FACTS['deadline-passed'])
    expect(pinged.effects).toEqual([{ type: 'send-ping', id: 1 }])
    expect(pinged.state).toMatchObject({ ping: { by: NOW + 10_000 }, pingAt: NOW + 25_000 })
    expect(deadlineOf(pinged.state)).toBe(NOW + 10_000)
    const lost = run(pinged.state, FACTS['deadline-passed'], { now: NOW + 10_000 })
    expect(lost.state).toMatchObject({ name: 'waiting', cause: 'heartbeat', attempt: 1 })
    expect(lost.effects).toEqual([{ type: 'close-socket', code: 1000 }])
  })

  it('[P10][S40] finds a silent line also where the timeout is longer than the interval', () => {
    let state: State = { ...silent, intervalMs: 10_000, timeoutMs: 25_000 }
    let now = NOW
    for (let i = 0; i < 4 && state.name === 'online'; i++) {
      state = run(state, FACTS['deadline-passed'], { now }).state
      now = deadlineOf(state) ?? now
    }
    expect(state).toMatchObject({ name: 'waiting', cause: 'heartbeat' })
    expect(now).toBeLessThan(NOW + 36_000)
  })

  it('takes anything that comes in for an answer', () => {
    const heard = run(online, FACTS.heard).state
    expect(deadlineOf(heard)).toBe(online.pingAt)
    expect(run(heard, FACTS.heard).state).toBe(heard)
  })

  it('measures the round trip of each pong once and keeps the last twenty', () => {
    let state: State = online
    state = run(state, FACTS['pong-received']).state
    expect(state).toMatchObject({ latencies: [5_000] })
    expect(run(state, FACTS['pong-received']).state).toBe(state)
    for (let i = 0; i < 30; i++) {
      const { state: pinged } = run(state, FACTS.suspected, { now: NOW + i * 10_000 })
      const id = pinged.name === 'online' ? (pinged.ping?.id ?? 0) : 0
      state = run(pinged, { type: 'pong-received', id }, { now: NOW + i * 10_000 + i }).state
    }
    expect(state.name === 'online' && state.latencies).toHaveLength(20)
    expect(state.name === 'online' && state.latencies.at(-1)).toBe(29)
  })

  it('ignores the pong of another ping', () => {
    expect(outcomeOf(online, { type: 'pong-received', id: 6 }, NOW)).toBe('stays')
  })
})

describe('drain', () => {
  it('[S24][S132] leaves within the spread and comes back at once', () => {
    const { state } = run(online, FACTS['drain-announced'], { roll: 0.25 })
    expect(deadlineOf(state)).toBe(NOW + 2_000)
    const left = run(state, FACTS['deadline-passed'], { now: NOW + 2_000 })
    expect(left.effects.map(({ type }) => type)).toEqual(['close-socket', 'open-socket'])
    expect(left.state).toMatchObject({ name: 'opening', attempt: 1 })
  })

  it('[F42][S24] is no way round the backoff for servers that send us in circles', () => {
    const young = { ...online, ping: null, since: NOW - 10, leaveAt: NOW }
    expect(run(young, FACTS['deadline-passed']).state).toMatchObject({
      name: 'waiting',
      attempt: 4,
      cause: 'server-restart',
    })
  })

  it('[P9] is still the cause while the server is not back', () => {
    const leaving = { ...online, ping: null, leaveAt: NOW }
    let { state } = run(leaving, FACTS['deadline-passed'])
    for (let i = 0; i < 3; i++) {
      state = run(state, { type: 'socket-closed', code: CLOSE.abnormal }).state
      expect(state).toMatchObject({ name: 'waiting', cause: 'server-restart' })
      state = run(state, FACTS['reconnect-asked']).state
    }
  })
})

describe('an end of all attempts', () => {
  const lose = (state: State) => run(state, FACTS['socket-closed'], { more: { maxAttempts: 3 } })
  const failing = (attempt: number): State => ({ ...STATES.opening, attempt })

  it('[S4] comes after so many failures in a row, with the last cause, and says how many', () => {
    expect(lose(failing(2)).state).toMatchObject({ name: 'waiting', attempt: 3 })
    const { state, effects } = lose({ ...STATES.opening, attempt: 3, ifLost: 'server-restart' })
    expect(state).toMatchObject({
      name: 'stopped',
      cause: 'server-restart',
      error: { code: 'exhausted', details: { attempts: 3 } },
    })
    expect(effects).toEqual([{ type: 'close-socket', code: 1000 }])
    expect(deadlineOf(state)).toBeNull()
  })

  it('[S4] counts silence, refusal and garbage as well as a close', () => {
    const more = { maxAttempts: 4 }
    for (const fact of [FACTS.violated, { type: 'socket-closed', code: 4029 } as const]) {
      expect(run(STATES.greeting, fact, { more }).state.name).toBe('stopped')
    }
    const now = STATES.opening.until
    expect(run(STATES.opening, FACTS['deadline-passed'], { now, more }).state.name).toBe('stopped')
  })

  it('does not come to a line that was stable, however often it is lost', () => {
    expect(run(online, FACTS['socket-closed'], { more: { maxAttempts: 1 } }).state).toMatchObject({
      name: 'waiting',
      attempt: 1,
    })
  })

  it('[F42] comes to one that is welcomed and dropped again and again', () => {
    expect(lose({ ...online, since: NOW - 10, attempt: 3 }).state.name).toBe('stopped')
  })

  it('is not the last word: somebody asks, and it begins anew', () => {
    const { state } = lose(failing(3))
    expect(run(state, FACTS['reconnect-asked']).state).toMatchObject({
      name: 'opening',
      attempt: 1,
    })
  })
})
