import { describe, expect, test } from 'vitest'
import type { Operation } from '../operations/operations.js'
import { settled } from '../virtual-environment.js'
import { op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

/** An operation that ends when it is told to. */
function createSlow() {
  const state = { runs: 0, finish: () => {} }
  const slow: Operation = async () => {
    state.runs += 1
    await new Promise<void>((resolve) => {
      state.finish = resolve
    })
    return { publish: [{ channel: 'board', payload: 0 }], result: state.runs }
  }
  return { state, slow }
}

describe('a tombstone', () => {
  test('[P5] of what took effect gets the first answer, result included', async () => {
    const sum: Operation = () => ({ result: { sum: 3 } })
    const { enter } = await play({ operations: { sum } })
    const first = await enter()
    await first.say(op(1, { type: 'sum' }), op(2))
    const second = await enter()
    await second.say(op(1, { type: 'sum', withdrawn: true }), op(2, { withdrawn: true }))
    expect(second.socket.bodies('ack')).toMatchObject([
      {
        seq: 2,
        results: [
          [1, '{"sum":3}'],
          [2, '{"id":"1"}'],
        ],
      },
    ])
    expect(second.socket.bodies('nack')).toEqual([])
  })

  test('[P3] [P5] waits for the handler that an older connection left running, which wins', async () => {
    const { state, slow } = createSlow()
    const { enter } = await play({ operations: { slow } })
    await (await enter()).say(op(1, { type: 'slow' }))
    const newer = await enter()
    await newer.say(op(1, { type: 'slow', withdrawn: true }), op(2))
    expect(answers(newer)).toEqual([])
    state.finish()
    await settled()
    expect(newer.socket.bodies('ack')).toMatchObject([{ seq: 1, results: [[1, '1']] }, { seq: 2 }])
    expect([state.runs, await board()]).toEqual([1, ['0', '2']])
  })

  test('[P3] [P5] wins when that handler fails', async () => {
    let fail = (_: Error) => {}
    const flaky: Operation = () =>
      new Promise((_, reject) => {
        fail = reject
      })
    const { enter } = await play({ operations: { flaky } })
    await (await enter()).say(op(1, { type: 'flaky' }))
    const newer = await enter()
    await newer.say(op(1, { type: 'flaky', withdrawn: true }))
    fail(new Error('no database'))
    await settled()
    expect(answers(newer)).toEqual([['withdrawn', 1]])
  })

  test('[P3] [P5] behind its own operation on one connection gets that one’s answer', async () => {
    const { state, slow } = createSlow()
    const { enter } = await play({ operations: { slow } })
    const ann = await enter()
    await ann.say(op(1, { type: 'slow' }), op(1, { type: 'slow', withdrawn: true }))
    state.finish()
    await settled()
    expect(ann.socket.bodies('ack').map(({ results }) => results)).toEqual([[[1, '1']], [[1, '1']]])
    expect(await board()).toEqual(['0'])
  })

  test('[P5] of what the server never saw settles it, for good', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.say(op(1, { withdrawn: true }), op(2))
    const later = await enter({ lanes: [{ lane: 'board', epoch: 1, seq: 1 }] })
    await later.say(op(1), op(1, { withdrawn: true }), op(2))
    expect(answers(later)).toEqual([
      ['withdrawn', 1],
      ['withdrawn', 1],
      ['ack', 2],
    ])
    expect(later.socket.bodies('nack')[0]?.verdict).toBe('drop')
    expect(await board()).toEqual(['2'])
  })

  test('[F30] [P5] whoever tries a withdrawn operation again gets it done, under another number', async () => {
    const { enter } = await play()
    const ann = await enter()
    const key = 'k' as never
    await ann.say(op(1, { key, withdrawn: true }), op(2))
    await ann.say(op(3, { key, payload: '"again"' }))
    expect(answers(ann).at(-1)).toEqual(['ack', 3])
    // Once: the key has taken effect now, whatever number it comes under.
    await ann.say(op(4, { key, payload: '"again"' }), op(1, { key }))
    expect(ann.socket.bodies('ack').slice(-2)).toMatchObject([
      { seq: 4, results: [[4, '{"id":"2"}']] },
      { seq: 1, results: [[1, '{"id":"2"}']] },
    ])
    expect(await board()).toEqual(['2', '"again"'])
  })

  test('[F30] so does whoever tries it in a later epoch', async () => {
    const { enter } = await play()
    const ann = await enter()
    const key = 'k' as never
    await ann.say(op(1, { key, withdrawn: true }))
    await ann.say(op(1, { key, epoch: 2 }))
    expect(answers(ann)).toEqual([
      ['withdrawn', 1],
      ['ack', 1],
    ])
    expect(await board()).toEqual(['1'])
  })
})

describe('a time to live', () => {
  test('[P5] that is over when its turn comes settles the number as expired, for good', async () => {
    const { enter } = await play()
    const ann = await enter()
    await ann.say(op(1, { ttl: 0 }), op(2))
    const later = await enter({ lanes: [{ lane: 'board', epoch: 1, seq: 1 }] })
    await later.say(op(1, { ttl: 60_000 }), op(1), op(1, { withdrawn: true }), op(2))
    expect([...answers(ann), ...answers(later)]).toEqual([
      ['expired', 1],
      ['ack', 2],
      ['expired', 1],
      ['expired', 1],
      ['expired', 1],
      ['ack', 2],
    ])
    await later.say(op(3, { key: 'board-1-1' as never, ttl: 60_000, payload: '"again"' }))
    expect(await board()).toEqual(['2', '"again"'])
  })

  test('[P5] does not turn what took effect into a failure', async () => {
    const { enter } = await play()
    const first = await enter()
    await first.say(op(1, { ttl: 1_000 }))
    const second = await enter()
    await second.say(op(1, { ttl: 0 }))
    expect(answers(second)).toEqual([['ack', 1]])
  })
})
