import { describe, expect, test } from 'vitest'
import { op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

describe('numbers of operations', () => {
  test('[P4] a number that is not the next is not taken', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.say(op(2))
    expect(ann.socket.bodies('nack')).toMatchObject([
      { seq: 2, verdict: 'drop', code: 'out-of-order' },
    ])
    await ann.say(op(1), op(2))
    expect(await board()).toEqual(['1', '2'])
  })

  test('[P4] [F32] nothing overtakes an operation whose number was another one’s', async () => {
    const { enter } = await play()
    await (await enter()).say(op(1, { key: 'twin' as never, payload: '"twin"' }))
    const ann = await enter()
    await ann.say(op(1), op(2), op(3))
    expect(answers(ann)).toEqual([
      ['number-reused', 1],
      ['out-of-order', 2],
      ['out-of-order', 3],
    ])
    // Also what was on its way while the answers were.
    await ann.say(op(2), op(3))
    expect(await board()).toEqual(['"twin"'])
    const again = (seq: number) => op(seq, { epoch: 2, key: `board-1-${seq}` as never })
    await ann.say(again(1), again(2), again(3), op(4, { epoch: 2 }))
    expect(answers(ann).at(-1)).toEqual(['ack', 4])
    expect(await board()).toEqual(['"twin"', '1', '2', '3', '4'])
  })

  test('[P4] a late message behind a used number takes no effect either', async () => {
    const { enter } = await play()
    await (await enter()).say(op(1, { key: 'twin' as never }))
    const ann = await enter()
    await ann.say(op(1, { payload: '"late"' }))
    await ann.say(op(2))
    expect(answers(ann)).toEqual([
      ['number-reused', 1],
      ['out-of-order', 2],
    ])
    expect(await board()).toEqual(['1'])
  })

  test('[P14] lanes that wait are bounded like those of a hello', async () => {
    const { enter, faults } = await play({ limits: { window: 10_001, messageBurst: 20_000 } })
    const ann = await enter()
    const lanes = [...Array(10_001).keys()].map((n) => op(1, { lane: `${n}` }))
    faults.commits = 20_000
    await ann.say(...lanes.slice(0, 10_000))
    expect(ann.socket.end).toBeUndefined()
    await ann.say(op(1, { lane: '7' }))
    expect(ann.socket.end).toBeUndefined()
    await ann.say(...lanes.slice(10_000))
    expect(ann.socket.end?.[0]).toBe(1008)
  })

  test('[F32] a client whose numbers are behind begins a new count, and takes effect once', async () => {
    const { enter } = await play()
    const before = await enter()
    await before.say(op(1), op(2), op(3))
    const restored = await enter({ lanes: [{ lane: 'board', epoch: 1, seq: 2 }] })
    expect(restored.socket.bodies('welcome')[0]?.lanes).toEqual([
      { lane: 'board', epoch: 1, seq: 3 },
    ])
    const key = (name: string) => ({ key: name as never, epoch: 2 })
    await restored.say(op(1, key('board-1-2')), op(2, key('board-1-3')), op(3, key('new')))
    expect(answers(restored)).toEqual([['ack', 3]])
    expect(await board()).toEqual(['1', '2', '3', '3'])
  })
})
