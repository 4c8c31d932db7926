import { describe, expect, test } from 'vitest'
import { settled } from '../virtual-environment.js'
import { at } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const texts = (from: number, to: number): string[] => numbers(from, to).map(String)
const board = [{ channel: 'board', cursor: at('', 'epoch') }]

describe('events', () => {
  test('what one turn commits travels in one frame, the same text for everybody', async () => {
    const { enter, publish } = await play()
    const ann = await enter({ channels: board })
    const bob = await enter({ client: 'bob' as never, channels: board })
    await publish('board', 1, 2, 3)
    expect(ann.socket.bodies('events')).toHaveLength(1)
    expect(ann.socket.messages.at(-1)).toBe(bob.socket.messages.at(-1))
    expect(ann.heard('board')).toEqual(['1', '2', '3'])
  })

  test('[P6] [F38] live events that race the replay are neither lost nor repeated', async () => {
    const { enter, publish, faults } = await play({ limits: { ringEvents: 1, frameEvents: 3 } })
    await publish('board', ...numbers(1, 10))
    let open = () => {}
    const ann = await enter({ channels: board.slice(0, 0) })
    for (let round = 0; round < 10; round++) {
      faults.readGate = new Promise((resolve) => {
        open = resolve
      })
      if (round === 0) await ann.say(['subscribe', { channel: 'board', cursor: at('', 'epoch') }])
      await publish('board', 11 + round)
      open()
      faults.readGate = undefined
      await settled()
    }
    expect(ann.heard('board')).toEqual(texts(1, 20))
  })

  test('[P6] replays page by page, in turn over the channels', async () => {
    const { enter, publish } = await play({ limits: { frameEvents: 2 } })
    for (const channel of ['a', 'b']) await publish(channel, ...numbers(1, 6))
    const channels = ['a', 'b'].map((channel) => ({ channel, cursor: at('') }))
    const { socket, heard } = await enter({ channels })
    expect(
      socket.bodies('events').map(({ channel, events }) => `${channel}${events.length}`),
    ).toEqual(['a2', 'b2', 'a2', 'b2', 'a2', 'b2'])
    expect([heard('a'), heard('b')]).toEqual([texts(1, 6), texts(1, 6)])
  })

  test('[P14] [F44] without credit it stops reading, and goes on from the log where it stopped', async () => {
    const { enter, publish } = await play({ limits: { ringEvents: 2 } })
    const ann = await enter({ channels: board, credit: 3 })
    await publish('board', ...numbers(1, 5))
    expect(ann.heard('board')).toEqual(texts(1, 3))
    await publish('board', ...numbers(6, 8))
    await ann.say(['credit', { events: 2 }])
    expect(ann.heard('board')).toEqual(texts(1, 5))
    await ann.say(['credit', { events: 100 }])
    expect(ann.heard('board')).toEqual(texts(1, 8))
    await publish('board', 9)
    expect(ann.heard('board')).toEqual(texts(1, 9))
  })

  test('[P6] [F44] [G20] says "gap" when what it owes was trimmed meanwhile, and goes on behind it', async () => {
    const { enter, publish } = await play({ retain: 3, limits: { ringEvents: 2 } })
    const ann = await enter({ channels: board, credit: 1 })
    await publish('board', 1)
    await publish('board', ...numbers(2, 9))
    await ann.say(['credit', { events: 10 }])
    expect(ann.socket.bodies('gap')).toEqual([
      { channel: 'board', epoch: 'epoch', id: '9', reason: 'slow' },
    ])
    await publish('board', 10)
    expect(ann.heard('board')).toEqual(['1', '10'])
  })

  test('one connection without credit does not slow the others', async () => {
    const { enter, publish } = await play()
    const slow = await enter({ channels: board, credit: 0 })
    const fast = await enter({ client: 'bob' as never, channels: board })
    await publish('board', 1, 2)
    expect([slow.heard('board'), fast.heard('board')]).toEqual([[], ['1', '2']])
  })

  test('[P14] [F44] writes no events to a full socket, and goes on when it has drained', async () => {
    const { enter, publish, clock } = await play()
    const ann = await enter({ channels: board })
    ann.socket.unsent = 2 * 1024 * 1024
    await publish('board', 1)
    await clock.advance(1_000)
    await publish('board', 2)
    expect(ann.heard('board')).toEqual([])
    ann.socket.unsent = 0
    await clock.advance(20)
    expect(ann.heard('board')).toEqual(['1', '2'])
  })

  test('[P14] [F44] closes a connection that stays full, and one that is over the hard limit', async () => {
    const { enter, publish, clock } = await play()
    const stuck = await enter({ channels: board })
    stuck.socket.unsent = 2 * 1024 * 1024
    await publish('board', 1)
    for (let n = 0; n < 2; n++) {
      await clock.advance(15_000)
      await stuck.say(['ping', { id: n }])
    }
    await clock.advance(20)
    expect(stuck.socket.end?.[0]).toBe(4008)
    const flooded = await enter({ client: 'bob' as never })
    flooded.socket.unsent = 40 * 1024 * 1024
    await flooded.say(['ping', { id: 1 }])
    expect(flooded.socket.end?.[0]).toBe(4008)
  })

  test('subscribes and unsubscribes later, and goes on from a cursor', async () => {
    const { enter, publish, switchboard } = await play()
    const ann = await enter()
    await publish('board', 1)
    await ann.say(['subscribe', { channel: 'board' }])
    expect(ann.socket.bodies('subscribed')).toEqual([
      { channel: 'board', state: 'ok', epoch: 'epoch', id: '1' },
    ])
    await publish('board', 2)
    await ann.say(['unsubscribe', { channel: 'board' }])
    expect(switchboard.stats().channels).toBe(0)
    await publish('board', 3)
    await ann.say(['subscribe', { channel: 'board', cursor: at('2', 'epoch') }])
    expect(ann.heard('board')).toEqual(['2', '3'])
  })

  test('[F40] a repeated subscription neither repeats nor skips events', async () => {
    const { enter, publish, switchboard } = await play()
    const ann = await enter({ channels: board, credit: 1 })
    await publish('board', 1, 2)
    await ann.say(['subscribe', { channel: 'board' }], ['credit', { events: 10 }])
    expect(ann.heard('board')).toEqual(['1', '2'])
    expect(switchboard.stats().subscribers).toBe(1)
    await ann.say(['subscribe', { channel: 'board', cursor: at('1', 'epoch') }])
    await publish('board', 3)
    expect(ann.heard('board')).toEqual(['1', '2', '2', '3'])
    expect(switchboard.stats().subscribers).toBe(1)
  })

  test('[P6] [F40] a confirmed subscription names the position at which it is said', async () => {
    const { enter, publish } = await play()
    const ann = await enter({ channels: board, credit: 0 })
    await publish('board', 1, 2)
    await ann.say(['credit', { events: 1 }], ['subscribe', { channel: 'board' }])
    await ann.say(['credit', { events: 9 }])
    expect(ann.heard('board')).toEqual(['1', '2'])
    expect(ann.socket.bodies('subscribed')).toMatchObject([{ state: 'ok', id: '1' }])
  })

  test('[P6] [F40] a subscription confirmed while it opens keeps its cursor', async () => {
    const { enter, publish } = await play()
    await publish('board', 1, 2)
    const ann = await enter()
    await ann.say(
      ['subscribe', { channel: 'board', cursor: at('0', 'epoch') }],
      ['subscribe', { channel: 'board' }],
    )
    expect(ann.socket.bodies('subscribed')).toMatchObject([{ state: 'replay' }, { state: 'ok' }])
    expect(ann.heard('board')).toEqual(['1', '2'])
  })

  test('[P14] [F44] a catch-up of long events stops at a full socket, inside a page too', async () => {
    const { enter, publish, clock } = await play({ limits: { frameChars: 10, frameEvents: 9 } })
    await publish('board', ...texts(1, 5).map((text) => text.repeat(20)))
    const ann = await enter()
    ann.socket.fillsBy = 600_000
    await ann.say(['subscribe', { channel: 'board', cursor: at('0', 'epoch') }])
    expect(ann.heard('board').length).toBeLessThan(5)
    ann.socket.fillsBy = 0
    ann.socket.unsent = 0
    await clock.advance(20)
    expect(ann.heard('board')).toHaveLength(5)
    expect(ann.socket.end).toBeUndefined()
  })

  test('the last of several subscriptions in one message is the one that counts', async () => {
    const { enter, publish, switchboard } = await play()
    await publish('board', 1, 2)
    const ann = await enter()
    await ann.say(
      ['subscribe', { channel: 'board', cursor: at('0') }],
      ['unsubscribe', { channel: 'board' }],
      ['subscribe', { channel: 'board', cursor: at('1') }],
    )
    expect(ann.heard('board')).toEqual(['2'])
    expect(switchboard.stats().subscribers).toBe(1)
    await ann.cut()
    expect(switchboard.stats()).toMatchObject({ channels: 0, subscribers: 0 })
  })

  test('[P14] cuts a large batch into frames of bearable size', async () => {
    const { enter, publish } = await play({ limits: { frameChars: 10, frameEvents: 4 } })
    const ann = await enter({ channels: board })
    await publish('board', 'x'.repeat(50), ...numbers(1, 9))
    expect(ann.socket.bodies('events').map(({ events }) => events.length)).toEqual([1, 4, 4, 1])
    expect(ann.heard('board')).toHaveLength(10)
  })
})
