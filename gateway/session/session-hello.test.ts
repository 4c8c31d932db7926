import { describe, expect, test } from 'vitest'
import { settled } from '../virtual-environment.js'
import { at, HELLO, op } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

describe('hello', () => {
  test('[P7] [F37] resumes every channel and lane in one answer', async () => {
    const { enter, publish, log } = await play()
    await publish('board', 1, 2, 3)
    await log.trim('board', 2)
    const before = await enter()
    await before.say(op(1, { channel: 'other' }), op(2, { channel: 'other' }))
    const { socket } = await enter({
      channels: [
        { channel: 'quiet' },
        { channel: 'quiet too', cursor: at('0', 'epoch') },
        { channel: 'board', cursor: at('1', 'epoch') },
        { channel: 'other', cursor: at('', 'epoch') },
        { channel: 'elsewhere', cursor: at('7') },
      ],
      lanes: [
        { lane: 'board', epoch: 1, seq: 2 },
        { lane: 'new', epoch: 4, seq: 9 },
        { lane: 'board', epoch: 1, seq: 1 },
      ],
    })
    const [welcome] = socket.bodies('welcome')
    expect(welcome?.channels).toEqual([
      { channel: 'quiet', state: 'ok', epoch: 'epoch', id: '0' },
      { channel: 'quiet too', state: 'ok', epoch: 'epoch', id: '0' },
      { channel: 'board', state: 'replay', epoch: 'epoch', id: '1', head: '3' },
      { channel: 'other', state: 'replay', epoch: 'epoch', id: '0', head: '2' },
      { channel: 'elsewhere', state: 'gap', epoch: 'epoch', id: '0', reason: 'ahead' },
    ])
    expect(welcome?.lanes).toEqual([
      { lane: 'board', epoch: 1, seq: 2 },
      { lane: 'new', epoch: 4, seq: 8 },
      { lane: 'board', epoch: 1, seq: 2 },
    ])
  })

  test('[P6] [F39] [G20] answers a gap with its reason and the head to go on from', async () => {
    const { enter, publish, log } = await play()
    await publish('board', 1, 2, 3)
    await log.trim('board', 1)
    const reasonAt = async (cursor: ReturnType<typeof at>) => {
      const { socket } = await enter({ channels: [{ channel: 'board', cursor }] })
      const [answer] = socket.bodies('welcome')[0]?.channels ?? []
      return answer?.state === 'gap' ? [answer.reason, answer.id] : answer?.state
    }
    expect(await reasonAt(at('1', 'epoch'))).toEqual(['trimmed', '3'])
    expect(await reasonAt(at('3', 'older'))).toEqual(['epoch', '3'])
    expect(await reasonAt(at('4', 'epoch'))).toEqual(['ahead', '3'])
    expect(await reasonAt(at('3', 'epoch'))).toBe('ok')
  })

  test('denies single channels and lets the others in', async () => {
    const { enter } = await play({
      authorize: (question) => question.action !== 'subscribe' || question.channel !== 'secret',
    })
    const { socket } = await enter({ channels: [{ channel: 'secret' }, { channel: 'open' }] })
    expect(socket.bodies('welcome')[0]?.channels.map(({ state }) => state)).toEqual([
      'denied',
      'ok',
    ])
  })

  test('resumes a session while it is remembered, and not longer', async () => {
    const { enter, clock } = await play({ limits: { sessionMs: 1_000 } })
    const first = await enter()
    const session = first.socket.bodies('welcome')[0]?.session ?? ''
    const resumed = async () => (await enter({ session })).socket.bodies('welcome')[0]?.resumed
    await first.cut()
    await clock.advance(999)
    const second = await enter({ session })
    expect(second.socket.bodies('welcome')[0]).toMatchObject({ session, resumed: true })
    await second.cut()
    await clock.advance(1_001)
    expect(await resumed()).toBe(false)
  })

  test('[P1] a newer connection of a client supersedes the older one', async () => {
    const { enter } = await play()
    const older = await enter({ connection: 5 })
    const newer = await enter({ connection: 6 })
    expect(older.socket.end?.[0]).toBe(4009)
    expect(older.socket.bodies('bye')).toMatchObject([{ code: 4009 }])
    expect(newer.socket.end).toBeUndefined()
    const late = await enter({ connection: 4 })
    expect(late.socket.end?.[0]).toBe(4009)
    expect(newer.socket.end).toBeUndefined()
  })

  test('[P13] the same client id under another identity is another client', async () => {
    const { enter } = await play({ authenticate: (token) => ({ identity: token ?? '' }) })
    const ann = await enter({ auth: 'ann', connection: 9 })
    await ann.say(op(1))
    const bob = await enter({ auth: 'bob', connection: 1 })
    await bob.say(op(1))
    expect(ann.socket.end).toBeUndefined()
    expect(bob.socket.bodies('ack')).toMatchObject([{ results: [[1, '{"id":"2"}']] }])
  })

  test('[P13] an anonymous client cannot name itself into a place of somebody', async () => {
    const { enter } = await play({ authenticate: (token) => ({ identity: token ?? '' }) })
    const ann = await enter({ auth: 'ann' })
    await ann.say(op(1))
    const thief = await enter({ client: '["ann","ann"]' as never, connection: 99 })
    await thief.say(op(1, { payload: '"mine"' }))
    expect(ann.socket.end).toBeUndefined()
    expect(thief.socket.bodies('ack')).toMatchObject([{ results: [[1, '{"id":"2"}']] }])
  })

  test('lets nobody in without a valid token, and says so', async () => {
    const { enter } = await play({
      authenticate: async (token) => (token === 'good' ? { identity: 'ann' } : undefined),
    })
    for (const auth of ['bad', undefined]) {
      const { socket } = await enter(auth === undefined ? {} : { auth })
      expect(socket.bodies('bye')).toMatchObject([{ code: 4001 }])
      expect(socket.end?.[0]).toBe(4001)
    }
    expect((await enter({ auth: 'good' })).socket.bodies('welcome')).toHaveLength(1)
  })

  test('a failing authenticate, authorize or log means "later", never "no"', async () => {
    const failing = () => Promise.reject(new Error('no database'))
    for (const options of [{ authenticate: failing }, { authorize: failing }]) {
      const { enter } = await play(options)
      const { socket } = await enter({ channels: [{ channel: 'board' }] })
      expect(socket.end?.[0]).toBe(1013)
    }
    const { enter, faults } = await play()
    faults.reads = true
    expect((await enter({ channels: [{ channel: 'board' }] })).socket.end?.[0]).toBe(1013)
    faults.reads = false
    expect((await enter({ channels: [{ channel: 'board' }] })).socket.end).toBeUndefined()
  })

  test('a socket that says no hello is closed', async () => {
    const { connect, clock } = await play()
    const { socket } = connect()
    await clock.advance(10_000)
    expect(socket.end).toEqual([1008, 'no hello in time'])
  })

  test('takes frames that came before its welcome, in their order', async () => {
    const { connect } = await play()
    const actor = connect()
    await actor.say(['hello', HELLO], ['subscribe', { channel: 'board' }], op(1), op(2), [
      'ping',
      { id: 7 },
    ])
    expect(actor.socket.bodies('ack')).toMatchObject([{ seq: 2 }])
    expect(actor.socket.bodies('pong')).toEqual([{ id: 7 }])
    expect(actor.socket.bodies('subscribed')).toHaveLength(1)
  })

  test('a client that goes while it is being greeted leaves nothing behind', async () => {
    const { connect, faults, switchboard, clock } = await play()
    let open = () => {}
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    const actor = connect()
    await actor.say(['hello', { ...HELLO, channels: [{ channel: 'board' }] }])
    await actor.cut()
    open()
    await settled()
    expect(switchboard.stats()).toMatchObject({ sockets: 0, channels: 0, subscribers: 0 })
    await clock.advance(300_000)
    expect([switchboard.stats().clients, clock.timers]).toEqual([0, 0])
  })

  test.each([
    ['no common version', { versions: [2] }, 1002],
    ['a channel twice', { channels: [{ channel: 'a' }, { channel: 'a' }] }, 1002],
    ['too many channels', { channels: ['a', 'b', 'c'].map((channel) => ({ channel })) }, 1008],
    ['a client that no log can keep', { client: 'a\ud800' as never }, 1007],
    ['a lane that no log can keep', { lanes: [{ lane: 'a\0', epoch: 1, seq: 1 }] }, 1007],
  ])('[F46] refuses %s', async (_, hello, code) => {
    const { enter } = await play({ limits: { channels: 2 } })
    expect((await enter(hello)).socket.end?.[0]).toBe(code)
  })
})
