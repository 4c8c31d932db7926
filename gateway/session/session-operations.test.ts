import { describe, expect, test } from 'vitest'
import { Refusal } from '../refusal.js'
import { at, op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

describe('operations on the wire', () => {
  test('[P4] one ack for what one turn settled, with every result', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.say(op(1), op(2), op(3, { payload: '{"a":1}' }))
    expect(ann.socket.bodies('ack')).toEqual([
      {
        lane: 'board',
        epoch: 1,
        seq: 3,
        results: [
          [1, '{"id":"1"}'],
          [2, '{"id":"2"}'],
          [3, '{"id":"3"}'],
        ],
      },
    ])
    expect(await board()).toEqual(['1', '2', '{"a":1}'])
  })

  test('[P3] [F29] a repeat on a new connection is acked with its first result', async () => {
    const { enter, switchboard } = await play()
    const first = await enter()
    await first.say(op(1), op(2))
    await first.cut()
    const second = await enter({ lanes: [{ lane: 'board', epoch: 1, seq: 1 }] })
    await second.say(op(1), op(2), op(3))
    expect(second.socket.bodies('ack')).toMatchObject([
      {
        seq: 3,
        results: [
          [1, '{"id":"1"}'],
          [2, '{"id":"2"}'],
          [3, '{"id":"3"}'],
        ],
      },
    ])
    expect(await board()).toEqual(['1', '2', '3'])
    expect(switchboard.stats().duplicates).toBe(2)
  })

  test('[F30] a refusal moves the lane on, and is repeated as a refusal', async () => {
    const { enter } = await play({
      operations: {
        no: () => {
          throw new Refusal('not-yours', 'hands off')
        },
      },
    })
    const ann = await enter()
    const no = op(2, { type: 'no' })
    await ann.say(op(1), no, op(3))
    expect(answers(ann)).toEqual([
      ['ack', 1],
      ['not-yours', 2],
      ['ack', 3],
    ])
    expect(ann.socket.bodies('nack')[0]).toMatchObject({ verdict: 'drop', why: 'hands off' })
    await ann.say(no)
    expect(answers(ann).at(-1)).toEqual(['not-yours', 2])
  })

  test.each([
    ['unknown-type', { type: 'nonsense' }],
    ['no-channel', { channel: undefined as never }],
    ['bad-payload', { payload: 'not json' }],
    ['bad-payload', { payload: undefined as never }],
    ['bad-payload', { payload: '"\ud800"' }],
    ['denied', { channel: 'secret' }],
    ['denied', { type: 'move', channel: 'secret' }],
    ['bad-payload', { type: 'move', payload: '{' }],
    ['withdrawn', { withdrawn: true as const, payload: undefined as never }],
  ])('drops with the code %s: %j', async (code, changes) => {
    const { enter } = await play({
      authorize: async ({ channel }) => channel !== 'secret',
      operations: { move: () => undefined },
    })
    const ann = await enter()
    await ann.say(op(1, changes), op(2))
    expect(answers(ann)).toEqual([
      [code, 1],
      ['ack', 2],
    ])
    expect(await board()).toEqual(['2'])
  })

  test('[F28] an oversized payload is dropped, the socket stays', async () => {
    const { enter } = await play({ limits: { payload: 100, message: 10_000 } })
    const ann = await enter()
    await ann.say(
      op(1, { payload: JSON.stringify('x'.repeat(99)) }),
      op(2, { payload: JSON.stringify('"'.repeat(49)) }),
    )
    expect(answers(ann)).toEqual([
      ['too-large', 1],
      ['ack', 2],
    ])
    expect(ann.socket.end).toBeUndefined()
  })

  test('[P5] a tombstone settles its number without effect; what took effect before stays acked', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.say(op(1))
    await ann.say(op(1, { withdrawn: true }), op(2, { withdrawn: true }), op(2), op(3))
    expect(answers(ann)).toEqual([
      ['ack', 1],
      ['ack', 1],
      ['withdrawn', 2],
      ['withdrawn', 2],
      ['ack', 3],
    ])
    expect(await board()).toEqual(['1', '3'])
  })

  test('[P4] after a failure the rest of the lane waits until the failed one comes again', async () => {
    const { enter, faults } = await play()
    const ann = await enter()
    faults.commits = 1
    await ann.say(op(1), op(2), op(1, { lane: 'other' }))
    expect(answers(ann)).toEqual([
      ['not-now', 1],
      ['not-now', 2],
      ['ack', 1],
    ])
    expect(ann.socket.bodies('nack')[0]).toMatchObject({ verdict: 'retry', after: 1_000 })
    await ann.say(op(3))
    expect(answers(ann).at(-1)).toEqual(['not-now', 3])
    await ann.say(op(1), op(2), op(3))
    expect(answers(ann).at(-1)).toEqual(['ack', 3])
    expect(await board()).toEqual(['1', '1', '2', '3'])
  })

  test('asks for more patience with every failure in a row', async () => {
    const { enter, faults } = await play()
    const ann = await enter()
    faults.commits = 7
    for (let n = 0; n < 7; n++) await ann.say(op(1))
    const waits = ann.socket.bodies('nack').map(({ after }) => after)
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  test('[P14] the hello lets the log forget the answers that are settled', async () => {
    const { enter, log } = await play()
    const first = await enter()
    await first.say(op(1), op(2))
    await first.cut()
    await enter({ lanes: [{ lane: 'board', epoch: 1, seq: 2 }] })
    const author = { client: 'ann', lane: 'board', epoch: 1, lowest: 1 }
    expect(await log.find({ ...author, seq: 1, key: 'board-1-1' })).toEqual({ state: 'duplicate' })
    expect(await log.find({ ...author, seq: 2, key: 'board-1-2' })).toMatchObject({
      answer: { ok: true },
    })
  })

  test('the sender hears its own event like everybody else', async () => {
    const { enter } = await play()
    const ann = await enter({ channels: [{ channel: 'board', cursor: at('') }] })
    await ann.say(op(1))
    expect(ann.heard('board')).toEqual(['1'])
  })
})
