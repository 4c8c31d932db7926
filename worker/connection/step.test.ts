import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../protocol/wire/close-codes.js'
import type { Fact, Happening, State } from './state.js'
import { deadlineOf, step } from './step.js'
import { TIMING } from './timing.js'

const NOW = 100_000
const rules = { timing: TIMING }

type Online = Extract<State, { name: 'online' }>

const online: Online = {
  name: 'online',
  attempt: 3,
  since: NOW - 60_000,
  intervalMs: 25_000,
  timeoutMs: 10_000,
  pingAt: NOW + 20_000,
  ping: { id: 7, sentAt: NOW - 5_000, by: NOW + 5_000 },
  latencies: [],
  leaveAt: null,
}

/** One specimen of each state. */
const STATES: { [Name in State['name']]: Extract<State, { name: Name }> } = {
  idle: { name: 'idle' },
  waiting: {
    name: 'waiting',
    attempt: 4,
    until: NOW + 3_000,
    cause: 'network',
    prescribed: false,
  },
  opening: { name: 'opening', attempt: 4, until: NOW + 8_000, ifLost: 'network' },
  greeting: { name: 'greeting', attempt: 4, until: NOW + 8_000, ifLost: 'network' },
  online,
  unauthorized: { name: 'unauthorized', attempt: 2 },
  stopped: { name: 'stopped', cause: 'fatal' },
}

/** One specimen of each fact. */
const FACTS: { [Type in Happening['type']]: Extract<Happening, { type: Type }> } = {
  started: { type: 'started' },
  'closed-by-us': { type: 'closed-by-us' },
  'socket-opened': { type: 'socket-opened' },
  welcomed: { type: 'welcomed', intervalMs: 25_000, timeoutMs: 10_000 },
  heard: { type: 'heard' },
  'pong-received': { type: 'pong-received', id: 7 },
  'drain-announced': { type: 'drain-announced', inMs: 1_000, spreadMs: 4_000 },
  'socket-closed': { type: 'socket-closed', code: CLOSE.abnormal },
  violated: { type: 'violated', why: 'nonsense' },
  suspected: { type: 'suspected', why: 'visible' },
  'reconnect-asked': { type: 'reconnect-asked' },
  'token-changed': { type: 'token-changed' },
  'deadline-passed': { type: 'deadline-passed' },
}

/**
 * docs/STATES.md, cell by cell. `stays`: the same reference, no effect. `same + …`: effects only.
 * A missing cell does not compile.
 */
const TABLE: Record<State['name'], Record<Happening['type'], string>> = {
  idle: {
    started: 'opening + open-socket',
    'closed-by-us': 'stays',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'stays',
  },
  waiting: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'waiting',
    'reconnect-asked': 'opening + open-socket',
    'token-changed': 'stays',
    'deadline-passed': 'opening + open-socket',
  },
  opening: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'greeting + greet',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  greeting: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'online',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  online: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'online',
    'pong-received': 'online',
    'drain-announced': 'online',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'online + send-ping',
    'reconnect-asked': 'opening + close-socket 1000, open-socket',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  unauthorized: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'same + ask-token',
    'reconnect-asked': 'same + ask-token',
    'token-changed': 'opening + open-socket',
    'deadline-passed': 'stays',
  },
  stopped: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'stays',
    'reconnect-asked': 'opening + open-socket',
    'token-changed': 'stays',
    'deadline-passed': 'stays',
  },
}

function run(state: State, happening: Happening, { now = NOW, roll = 0.5 } = {}) {
  return step(state, { ...happening, now, roll } as Fact, rules)
}

function outcomeOf(state: State, happening: Happening, now: number): string {
  const next = run(state, happening, { now })
  const effects = next.effects
    .map((effect) => (effect.type === 'close-socket' ? `close-socket ${effect.code}` : effect.type))
    .join(', ')
  if (next.state === state) return effects ? `same + ${effects}` : 'stays'
  return effects ? `${next.state.name} + ${effects}` : next.state.name
}

describe('the transition table', () => {
  for (const [name, row] of Object.entries(TABLE)) {
    for (const [type, expected] of Object.entries(row)) {
      it(`${name} × ${type} → ${expected}`, () => {
        const state = STATES[name as State['name']]
        const happening = FACTS[type as Happening['type']]
        const now = type === 'deadline-passed' ? (deadlineOf(state) ?? NOW) : NOW
        expect(outcomeOf(state, happening, now)).toBe(expected)
      })
    }
  }

  it('lets a deadline that is not due yet change nothing', () => {
    for (const state of Object.values(STATES)) {
      expect(outcomeOf(state, FACTS['deadline-passed'], NOW)).toBe('stays')
    }
  })
})

describe('verdicts of close codes', () => {
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
    [4001, 'unauthorized'],
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

  it('[P11] waits as long as the server says, and no suspicion shortens that', () => {
    const closed = { type: 'socket-closed', code: 4002, afterMs: 1_000, spreadMs: 60_000 } as const
    const { state } = run(online, closed, { roll: 0.5 })
    expect(state).toMatchObject({ name: 'waiting', until: NOW + 31_000, prescribed: true })
    expect(outcomeOf(state, FACTS.suspected, NOW)).toBe('stays')
  })
})

describe('backoff', () => {
  const lose = (state: State, roll = 1, now = NOW) =>
    run(state, { type: 'socket-closed', code: 1006 }, { roll, now }).state

  it('retries at once after a stable connection, with a small random wait', () => {
    expect(lose(online, 0)).toMatchObject({ attempt: 1, until: NOW })
    expect(lose(online, 1)).toMatchObject({ attempt: 1, until: NOW + TIMING.firstRetryMs })
  })

  it('[P11] then waits anywhere below a ceiling that doubles up to the cap', () => {
    const ceilings = [2, 3, 4, 5, 6, 7, 8, 20].map((attempt) => {
      const state = lose({ ...STATES.opening, attempt: attempt - 1, until: NOW })
      return state.name === 'waiting' ? state.until - NOW : null
    })
    expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(lose({ ...STATES.opening, attempt: 9, until: NOW }, 0)).toMatchObject({ until: NOW })
  })

  it('[F42] begins anew only after the connection was stable for five seconds', () => {
    const young = { ...online, since: NOW - 4_999 }
    expect(lose(young)).toMatchObject({ attempt: 4 })
    expect(lose({ ...online, since: NOW - 5_000 })).toMatchObject({ attempt: 1 })
  })

  it('[F42] waits longer than the server says if that is what flapping has earned', () => {
    const bye = { type: 'socket-closed', code: 1012, afterMs: 0 } as const
    const flapping = { ...STATES.greeting, attempt: 8 }
    expect(run(flapping, bye, { roll: 0.5 }).state).toMatchObject({ until: NOW + 15_000 })
  })

  it('spares a busy server the short waits', () => {
    const { state } = run(online, { type: 'socket-closed', code: 4029 }, { roll: 0 })
    expect(state).toMatchObject({ until: NOW + 2_000, cause: 'server-busy' })
  })
})

describe('heartbeat', () => {
  const silent = { ...online, ping: null, pingAt: NOW }

  it('[P10] pings every interval and gives up when nothing is heard within the timeout', () => {
    const pinged = run(silent, FACTS['deadline-passed'])
    expect(pinged.effects).toEqual([{ type: 'send-ping', id: 1 }])
    expect(pinged.state).toMatchObject({ ping: { by: NOW + 10_000 }, pingAt: NOW + 25_000 })
    expect(deadlineOf(pinged.state)).toBe(NOW + 10_000)
    const lost = run(pinged.state, FACTS['deadline-passed'], { now: NOW + 10_000 })
    expect(lost.state).toMatchObject({ name: 'waiting', cause: 'heartbeat', attempt: 1 })
    expect(lost.effects).toEqual([{ type: 'close-socket', code: 1000 }])
  })

  it('[P10] finds a silent line also where the timeout is longer than the interval', () => {
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

describe('suspicions', () => {
  it('[P10] give a socket two seconds to prove itself', () => {
    for (const why of ['online', 'visible', 'woke'] as const) {
      const { state, effects } = run(online, { type: 'suspected', why })
      expect(effects).toEqual([{ type: 'send-ping', id: 8 }])
      expect(deadlineOf(state)).toBe(NOW + 2_000)
    }
  })

  it('do not extend a shorter deadline, however many tabs have them', () => {
    const first = run(online, FACTS.suspected).state
    expect(run(first, FACTS.suspected, { now: NOW + 500 }).state).toBe(first)
  })

  it('shorten a wait and never lengthen it', () => {
    const waiting = STATES.waiting
    expect(run(waiting, FACTS.suspected, { roll: 1 }).state).toMatchObject({ until: NOW + 250 })
    const nearly = { ...waiting, until: NOW + 10 }
    expect(run(nearly, FACTS.suspected, { roll: 1 }).state).toBe(nearly)
  })
})

describe('drain', () => {
  it('leaves within the spread and comes back at once', () => {
    const { state } = run(online, FACTS['drain-announced'], { roll: 0.25 })
    expect(deadlineOf(state)).toBe(NOW + 2_000)
    const left = run(state, FACTS['deadline-passed'], { now: NOW + 2_000 })
    expect(left.effects.map(({ type }) => type)).toEqual(['close-socket', 'open-socket'])
    expect(left.state).toMatchObject({ name: 'opening', attempt: 1 })
  })

  it('[F42] is no way round the backoff for servers that send us in circles', () => {
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

describe('authorization', () => {
  const refused = { type: 'socket-closed', code: 4001 } as const

  it('asks for one fresh token and tries it at once', () => {
    const { state, effects } = run(STATES.greeting, refused)
    expect(state.name).toBe('unauthorized')
    expect(effects.map(({ type }) => type)).toEqual(['close-socket', 'ask-token'])
    const first = { ...STATES.unauthorized, attempt: 2 }
    expect(run(first, FACTS['token-changed']).state.name).toBe('opening')
  })

  it('makes an auth that invents ever new bad tokens wait', () => {
    const third = { ...STATES.unauthorized, attempt: 3 }
    expect(run(third, FACTS['token-changed'], { roll: 1 }).state).toMatchObject({
      name: 'waiting',
      cause: 'auth',
      until: NOW + 2_000,
    })
  })

  it('sets no timer of its own', () => {
    expect(deadlineOf(STATES.unauthorized)).toBeNull()
    expect(deadlineOf(STATES.stopped)).toBeNull()
    expect(deadlineOf(STATES.idle)).toBeNull()
  })
})
