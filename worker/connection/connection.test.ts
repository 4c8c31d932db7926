import { describe, expect, it } from 'vitest'
import type { LineState } from '../../protocol/status.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { createScriptedServer, WELCOME } from '../../testing/scripted-server.js'
import { createVirtualClock, settled, type VirtualClock } from '../../testing/virtual-clock.js'
import { createConnection } from './connection.js'
import type { OpenSocket } from './socket.js'
import type { Health } from './state.js'
import { TIMING } from './timing.js'

const HELLO: UpBody<'hello'> = {
  versions: [1],
  features: [],
  client: 'c1' as never,
  connection: 1,
  channels: [],
  lanes: [],
  credit: 10,
}

function setUp(clock: VirtualClock = createVirtualClock(), openSocket?: OpenSocket) {
  const server = createScriptedServer(settled)
  const log: unknown[] = []
  const states: LineState[] = []
  let health: Health = 'silent'
  let greet = async (): Promise<UpBody<'hello'> | undefined> => HELLO
  const connection = createConnection({
    clock,
    random: () => 0.5,
    openSocket: openSocket ?? server.openSocket,
    url: 'wss://app.example/line',
    rules: { timing: TIMING, hasHealth: true },
    greet: () => greet(),
    hasNewToken: async () => false,
    askHealth: async () => {
      log.push('health')
      return health
    },
    onWelcome: () => log.push('welcome'),
    onFrame: ([type]) => log.push(type),
    onLost: () => log.push('lost'),
    onChange: (state) => states.push(state),
  })
  connection.start()
  return {
    clock,
    server,
    connection,
    log,
    states,
    setHealth(now: Health) {
      health = now
    },
    slowGreeting(promise: Promise<UpBody<'hello'> | undefined>) {
      greet = () => promise
    },
  }
}

const GAP = ['gap', { channel: 'a', epoch: 'e', id: '1', reason: 'slow' }] as never

describe('the driver of the connection', () => {
  it('says hello on the open socket and is online with the welcome', async () => {
    const { server, connection, log } = setUp()
    await server.latest.accept()
    expect(server.latest.frames).toEqual([['hello', HELLO]])
    expect(connection.isOnline).toBe(false)
    await server.latest.say(['welcome', WELCOME], GAP)
    expect(connection.isOnline).toBe(true)
    expect(log).toEqual(['welcome', 'gap'])
  })

  it('[P12] stops with the reason when the browser does not even let a socket be made', async () => {
    const { states, connection } = setUp(createVirtualClock(), () => {
      throw new DOMException('ws: from https:', 'SecurityError')
    })
    await settled()
    expect(states.at(-1)).toMatchObject({ state: 'stopped', cause: 'fatal' })
    expect(connection.state).toMatchObject({
      error: { details: { why: expect.stringContaining('ws: from https:') } },
    })
  })

  it('[S3] waits again when a timer rings too early', async () => {
    const clock = createVirtualClock()
    const early: VirtualClock = {
      ...clock,
      after: (ms, run) => clock.after(Math.max(1, Math.floor(ms * 0.9)), run),
    }
    const { server } = setUp(early)
    await server.latest.welcome()
    await server.latest.cut()
    await clock.advance(1_000)
    expect(server.connections).toHaveLength(2)
  })

  it('[P1][S35] has one socket at any time, whatever comes together', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    for (let i = 0; i < 20; i++) {
      connection.reconnect()
      connection.suspect('online')
      await clock.advance(i * 100)
      expect(server.open).toBeLessThanOrEqual(1)
      if (i % 3 === 0) await server.latest.cut()
      if (i % 4 === 0) await server.latest.welcome()
    }
  })

  it('[F34][S36][S141] hears nothing of a socket that it has given up', async () => {
    const { server, connection, log } = setUp()
    const old = server.latest
    await old.welcome()
    connection.reconnect()
    expect(old.closedByClient).toBe(1000)
    const replaced = server.latest
    await replaced.welcome()
    log.length = 0
    await old.say(GAP)
    await old.cut(4001)
    expect(log).toEqual([])
    expect(connection.state.state).toBe('online')
  })

  it('[P13][S14] without a hello that says who we are, counts as refused', async () => {
    const { server, connection, slowGreeting } = setUp()
    slowGreeting(Promise.resolve(undefined))
    await server.latest.accept()
    expect(connection.state).toEqual({ state: 'unauthorized', cause: 'auth' })
    expect(server.latest.frames).toEqual([])
    expect(server.open).toBe(0)
  })

  it('[F34][S141] sends no hello on a socket that was replaced while it was written', async () => {
    const { server, connection, clock, slowGreeting } = setUp()
    let answer = (_: UpBody<'hello'>): void => {}
    slowGreeting(new Promise((resolve) => (answer = resolve)))
    const first = server.latest
    await first.accept()
    await first.cut()
    await clock.advance(1_000)
    await server.latest.accept()
    answer(HELLO)
    await settled()
    expect(first.bodies('hello')).toEqual([])
    expect(server.latest.bodies('hello').length).toBeGreaterThan(0)
    expect(connection.isOnline).toBe(false)
  })

  it('[P10][F33] finds a half-open connection within interval and timeout', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    await clock.advance(25_000)
    expect(server.latest.bodies('ping')).toEqual([{ id: 1 }])
    await clock.advance(9_999)
    expect(connection.isOnline).toBe(true)
    await clock.advance(1)
    expect(connection.state).toMatchObject({ state: 'reconnecting', cause: 'heartbeat' })
  })

  it('[P10] finds it within two seconds when a tab becomes visible', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    connection.suspect('visible')
    await clock.advance(1_999)
    expect(connection.isOnline).toBe(true)
    await clock.advance(1)
    expect(connection.isOnline).toBe(false)
  })

  it('[P1][P10][F33] replaces a socket that is silent after a sleep, once for all who say so', async () => {
    const { server, connection, clock } = setUp()
    const slept = server.latest
    await slept.welcome()
    await clock.advance(TIMING.stableMs)
    for (const why of ['woke', 'online', 'visible', 'visible'] as const) {
      connection.suspect(why)
      await clock.advance(10)
    }
    expect(slept.bodies('ping')).toHaveLength(1)
    await clock.advance(2_000 + TIMING.firstRetryMs)
    expect(slept.closedByClient).toBe(1000)
    expect(server.connections).toHaveLength(2)
    expect(server.open).toBe(1)
    await server.latest.welcome()
    await slept.say(GAP)
    await slept.cut()
    expect(connection.isOnline).toBe(true)
  })

  it('[P10] tries anew within three seconds of a network that came back during an attempt', async () => {
    const { server, connection, clock } = setUp()
    await clock.advance(5_000)
    connection.suspect('online')
    await clock.advance(3_000)
    expect(server.connections).toHaveLength(2)
    expect(server.open).toBe(1)
  })

  it('[P9][S42] closes the socket for a pause, makes no attempt, and is back at once', async () => {
    const { server, connection, clock, log } = setUp()
    const first = server.latest
    await first.welcome()
    connection.pause('user')
    expect(first.closedByClient).toBe(1000)
    expect(log).toEqual(['welcome', 'lost'])
    expect(connection.state).toEqual({ state: 'offline', cause: 'paused', reasons: ['user'] })
    for (const why of ['online', 'visible', 'woke'] as const) connection.suspect(why)
    connection.reconnect()
    await clock.advance(3_600_000)
    expect(server.connections).toHaveLength(1)
    expect(clock.pending).toBe(0)
    connection.resume('user')
    expect(server.connections).toHaveLength(2)
  })

  it('[P1] opens nothing for a greeting that was ready after the pause', async () => {
    const { server, connection, slowGreeting } = setUp()
    let answer = (_: UpBody<'hello'>): void => {}
    slowGreeting(new Promise((resolve) => (answer = resolve)))
    await server.latest.accept()
    connection.pause('hidden')
    answer(HELLO)
    await settled()
    expect(server.latest.frames).toEqual([])
    expect(server.open).toBe(0)
  })

  it('[P9] explains by the health address what keeps failing, and asks once an attempt', async () => {
    const { server, connection, clock, log, setHealth } = setUp()
    setHealth('ill')
    await server.latest.cut()
    await settled()
    expect(log).toEqual(['health'])
    expect(connection.state).toMatchObject({ state: 'reconnecting', cause: 'server-busy' })
    await clock.advance(1_000)
    await server.latest.welcome()
    expect(log).toEqual(['health', 'welcome'])
  })

  it('[F42] keeps to its backoff where the address is well and no socket gets through', async () => {
    const { server, connection, clock, setHealth } = setUp()
    setHealth('well')
    for (let i = 0; i < 120; i++) {
      await server.latest.cut()
      await clock.advance(1_000)
    }
    expect(server.connections.length).toBeLessThan(16)
    expect(connection.state).toMatchObject({ state: 'reconnecting', cause: 'refused' })
  })

  it('shows the latency that it measured', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    await clock.advance(25_000)
    await clock.advance(42)
    await server.latest.say(['pong', { id: 1 }])
    expect(connection.state).toEqual({ state: 'online', latency: 42, latencies: [42] })
  })

  it('[F41][S14] takes a bye for the end and waits as long as it says', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    await server.latest.say(['bye', { code: 4002, after: 1_000, spread: 10_000 }])
    expect(connection.state).toMatchObject({
      state: 'reconnecting',
      cause: 'server-restart',
      retryAt: clock.wall() + 6_000,
    })
    expect(server.open).toBe(0)
  })

  it('loses the line once, and says so once', async () => {
    const { server, log } = setUp()
    await server.latest.welcome()
    await server.latest.say(['bye', { code: 1012 }])
    await server.latest.cut()
    expect(log.filter((what) => what === 'lost')).toHaveLength(1)
  })

  const violations: [string, unknown][] = [
    ['text that is not JSON', '{'],
    ['a binary message', new ArrayBuffer(4)],
    ['a frame that is none', '[["events"]]'],
    ['an unknown frame', '[["surprise",{}]]'],
    ['a second welcome', JSON.stringify([['welcome', WELCOME]])],
    ['more than 16 Mi characters', `[["x-${'x'.repeat(16 * 1024 * 1024)}",{}]]`],
  ]
  for (const [what, message] of violations) {
    it(`[F46][G95] hangs up on ${what} and comes back later`, async () => {
      const { server, connection, clock } = setUp()
      await server.latest.welcome()
      await server.latest.sayRaw(message)
      expect(server.latest.closedByClient).toBe(4000)
      expect(connection.state).toMatchObject({ state: 'reconnecting', cause: 'refused' })
      await clock.advance(2_000)
      expect(server.connections).toHaveLength(2)
    })
  }

  it('[F46] takes nothing before the welcome, and ignores what begins with x-', async () => {
    const { server, connection, log } = setUp()
    await server.latest.accept()
    await server.latest.say(GAP)
    expect(log).toEqual([])
    expect(connection.state).toMatchObject({ state: 'reconnecting', cause: 'refused' })
    const other = setUp()
    await other.server.latest.welcome()
    await other.server.latest.sayRaw('[["x-news",null]]')
    expect(other.connection.isOnline).toBe(true)
  })

  it('leaves no timer and no socket behind', async () => {
    const { server, connection, clock } = setUp()
    await server.latest.welcome()
    void connection.close()
    expect(clock.pending).toBe(0)
    expect(server.open).toBe(0)
    void connection.close()
  })
})
