import { describe, expect, test } from 'vitest'
import { settled } from '../virtual-environment.js'
import { HELLO, op, type StageOptions } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

describe('heartbeat', () => {
  test('[P10] [F33] a connection that went silent is dropped without a handshake', async () => {
    const { enter, clock, switchboard } = await play({
      heartbeat: { intervalMs: 1_000, timeoutMs: 500 },
    })
    const ann = await enter()
    expect(ann.socket.bodies('welcome')[0]?.heartbeat).toEqual({ interval: 1_000, timeout: 500 })
    await clock.advance(1_400)
    await ann.say(['ping', { id: 1 }])
    expect(ann.socket.bodies('pong')).toEqual([{ id: 1 }])
    await clock.advance(1_499)
    expect(ann.socket.end).toBeUndefined()
    await clock.advance(1)
    expect(ann.socket.end).toEqual([1006, ''])
    expect(switchboard.stats()).toMatchObject({ connections: 0, halfOpen: 1, closes: { 1006: 1 } })
  })

  test('leaves no timer behind', async () => {
    const { enter, clock, switchboard } = await play({ limits: { sessionMs: 10 } })
    const ann = await enter({ channels: [{ channel: 'board' }] })
    await ann.cut()
    await clock.advance(10)
    expect([clock.timers, switchboard.stats().sockets]).toEqual([0, 0])
  })
})

describe('violations', () => {
  test.each<[string, unknown, number]>([
    ['a binary message', new Uint8Array(3), 1003],
    ['a message that is not JSON', '[[', 1007],
    ['a message over the limit', `[${' '.repeat(3_000_000)}]`, 1009],
    ['a message that is no array', '{}', 1002],
    ['a frame without a type', '[[1]]', 1002],
    ['an unknown frame', '[["surprise",{}]]', 1002],
    ['a frame of the other direction', '[["welcome",{}]]', 1002],
    ['a body of the wrong shape', '[["ping",{"id":-1}]]', 1002],
    ['a second hello', JSON.stringify([['hello', HELLO]]), 1002],
    ['a name that no log can keep', JSON.stringify([op(1, { lane: 'a\ud800' })]), 1007],
  ])('[F46] %s is told and closed, and nothing acts afterwards', async (_, message, code) => {
    const { enter, switchboard } = await play()
    const ann = await enter({ channels: [{ channel: 'board' }] })
    await ann.raw(message)
    expect(ann.socket.bodies('bye')).toMatchObject([{ code }])
    expect(ann.socket.end?.[0]).toBe(code)
    await ann.say(op(1))
    expect(switchboard.stats()).toMatchObject({ connections: 0, channels: 0, ops: 0 })
  })

  test('[F46] anything before the hello but a ping is a violation', async () => {
    const { connect } = await play()
    const actor = connect()
    await actor.say(['ping', { id: 1 }])
    expect(actor.socket.bodies('pong')).toHaveLength(1)
    await actor.say(op(1))
    expect(actor.socket.end?.[0]).toBe(1002)
  })

  test('frames that begin with x- and fields that nobody knows are ignored', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.raw('[["x-weather",7],["ping",{"id":3,"mood":"good"}]]')
    expect(ann.socket.bodies('pong')).toEqual([{ id: 3 }])
    expect(ann.socket.end).toBeUndefined()
  })

  test('what came before the violation in the same message counts', async () => {
    const { enter, switchboard } = await play()
    const ann = await enter()
    await ann.say(op(1), ['hello', HELLO])
    expect((await switchboard.position('board')).id).toBe('1')
    expect(ann.socket.end?.[0]).toBe(1002)
  })

  test('[P14] too many messages a second end in 4029, a burst does not', async () => {
    const { enter, clock } = await play({ limits: { messagesPerSecond: 10, messageBurst: 20 } })
    const ann = await enter()
    for (let id = 0; id < 19; id++) await ann.say(['ping', { id }])
    await clock.advance(1_000)
    for (let id = 0; id < 10; id++) await ann.say(['ping', { id }])
    expect(ann.socket.end).toBeUndefined()
    await ann.say(['ping', { id: 99 }])
    expect(ann.socket.end?.[0]).toBe(4029)
    expect(ann.socket.bodies('bye')[0]?.spread).toBeGreaterThan(0)
  })

  test('[P14] a flood before the welcome is a violation', async () => {
    const { connect, faults } = await play({ limits: { early: 3 } })
    let open = () => {}
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    const actor = connect()
    await actor.say(['hello', { ...HELLO, channels: [{ channel: 'board' }] }])
    await actor.say(op(1), op(2), op(3))
    expect(actor.socket.end).toBeUndefined()
    await actor.say(op(4))
    expect(actor.socket.end?.[0]).toBe(1008)
    open()
    await settled()
  })
})

describe('questions', () => {
  test('[P14] a client cannot ask faster than an app can answer, without bound', async () => {
    const never = new Promise<boolean>(() => undefined)
    const { enter } = await play({ authorize: () => never, limits: { channels: 3 } })
    const ann = await enter()
    const again = ['subscribe', { channel: 'board', cursor: { id: '' as never } }] as const
    await ann.say(again, again, again)
    expect(ann.socket.end).toBeUndefined()
    await ann.say(again)
    expect(ann.socket.end?.[0]).toBe(1008)
  })
})

describe('before the welcome', () => {
  test('[P14] what waits is bounded in characters too: nobody knows yet who sends it', async () => {
    const { connect, faults } = await play({ limits: { payload: 100, message: 10_000 } })
    let open = () => {}
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    const actor = connect()
    await actor.say(['hello', { ...HELLO, channels: [{ channel: 'board' }] }])
    await actor.say(op(1, { payload: 'x'.repeat(6_000) }))
    expect(actor.socket.end).toBeUndefined()
    await actor.say(op(2, { payload: 'x'.repeat(6_000) }))
    expect(actor.socket.end?.[0]).toBe(1008)
    open()
    await settled()
  })
})

describe('tokens', () => {
  const lives = (ms: number): StageOptions => ({
    authenticate: (token) =>
      token ? { identity: token.split('-')[0] ?? '', expiresIn: ms } : undefined,
  })

  test('asks for a new token before the old one ends, and takes it in place', async () => {
    const { enter, clock } = await play({ ...lives(60_000), heartbeat: { intervalMs: 600_000 } })
    const ann = await enter({ auth: 'ann-1' })
    await clock.advance(30_000)
    expect(ann.socket.bodies('auth-needed')).toMatchObject([{ within: 30_000 }])
    await ann.say(['auth', { token: 'ann-2' }])
    await clock.advance(59_999)
    expect(ann.socket.end).toBeUndefined()
    await clock.advance(1)
    expect(ann.socket.end?.[0]).toBe(4001)
  })

  test('[P11] asks for tokens of a short life when half of it is over, not one after the other', async () => {
    const { enter, clock } = await play({ ...lives(10_000), heartbeat: { intervalMs: 600_000 } })
    const ann = await enter({ auth: 'ann-1' })
    expect(ann.socket.bodies('auth-needed')).toEqual([])
    for (const age of [2, 3, 4]) {
      await clock.advance(5_000)
      expect(ann.socket.bodies('auth-needed').at(-1)).toMatchObject({ within: 5_000 })
      await ann.say(['auth', { token: `ann-${age}` }])
    }
    expect(ann.socket.bodies('auth-needed')).toHaveLength(3)
    expect(ann.socket.end).toBeUndefined()
  })

  test('asks for no token before the welcome, which has to come first', async () => {
    let letIn = (): void => {}
    const { enter, clock } = await play({
      ...lives(1_000),
      authorize: () => new Promise((resolve) => (letIn = () => resolve(true))),
    })
    const ann = await enter({ auth: 'ann-1', channels: [{ channel: 'board' }] })
    await clock.advance(600)
    expect(ann.socket.bodies('auth-needed')).toEqual([])
    letIn()
    await settled()
    expect(ann.socket.bodies('welcome')).toHaveLength(1)
    await clock.advance(400)
    expect(ann.socket.end?.[0]).toBe(4001)
  })

  test('[G70] nothing of a token is in the log, whatever becomes of it', async () => {
    const said: unknown[] = []
    const { enter, clock } = await play({
      ...lives(60_000),
      heartbeat: { intervalMs: 600_000 },
      logger: (...line) => void said.push(line),
    })
    const ann = await enter({ auth: 'ann-secret1' })
    await ann.say(['auth', { token: 'ann-secret2' }])
    await clock.advance(60_000)
    expect(ann.socket.end?.[0]).toBe(4001)
    await enter({ auth: '-secret3' })
    expect(said.length).toBeGreaterThan(1)
    expect(JSON.stringify(said)).not.toContain('secret')
  })

  test('[P13] a token of somebody else, or of nobody, ends the connection', async () => {
    const { enter } = await play(lives(60_000))
    for (const token of ['bob-1', '']) {
      const ann = await enter({ auth: 'ann-1' })
      await ann.say(['auth', { token }])
      expect(ann.socket.bodies('bye')).toMatchObject([{ code: 4001 }])
      expect(ann.socket.end?.[0]).toBe(4001)
    }
  })
})

describe('drain', () => {
  test('[P11] announces the end and closes each at its own point of the spread', async () => {
    const { enter, clock, random, switchboard, connect } = await play()
    const ann = await enter()
    const bob = await enter({ client: 'bob' as never })
    random.rolls = [0.25, 0.75]
    let isOver = false
    const over = switchboard.drain({ within: 1_000, spread: 4_000, why: 'deploy' }).then(() => {
      isOver = true
    })
    await settled()
    expect(ann.socket.bodies('drain')).toEqual([{ in: 1_000, spread: 4_000, why: 'deploy' }])
    await ann.say(op(1))
    expect(ann.socket.bodies('ack')).toHaveLength(1)
    const late = connect()
    expect(late.socket.end?.[0]).toBe(4002)
    await clock.advance(1_999)
    expect([ann.socket.end, bob.socket.end, isOver]).toEqual([undefined, undefined, false])
    await clock.advance(1)
    expect([ann.socket.end?.[0], bob.socket.end]).toEqual([4002, undefined])
    await clock.advance(2_000)
    expect(bob.socket.bodies('bye')).toEqual([
      { code: 4002, why: 'deploy', after: 0, spread: 4_000 },
    ])
    await over
    expect(isOver).toBe(true)
  })

  test('is over as soon as the last one has left by itself', async () => {
    const { enter, switchboard, clock } = await play({ limits: { sessionMs: 1 } })
    const ann = await enter()
    const over = switchboard.drain({ within: 60_000, spread: 60_000 })
    await ann.cut()
    await over
    await clock.advance(1)
    expect(clock.timers).toBe(0)
  })
})
