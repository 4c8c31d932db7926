import { describe, expect, test } from 'vitest'
import type { Operation } from '../operations/operations.js'
import { settled } from '../virtual-environment.js'
import { op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

describe('what waits for the app', () => {
  test('[P12] a handler that never ends is told so, and tried again', async () => {
    const signals: AbortSignal[] = []
    const late: (() => void)[] = []
    const stuck: Operation = (_, { signal, key }) => {
      signals.push(signal)
      const said = { publish: [{ channel: 'board', payload: `${key} ${signals.length}` }] }
      return signals.length > 2 ? said : new Promise((resolve) => late.push(() => resolve(said)))
    }
    const { enter, clock } = await play({ operations: { stuck }, limits: { appMs: 5_000 } })
    const ann = await enter()
    await ann.say(op(1, { type: 'stuck' }), op(2))
    await clock.advance(5_000)
    expect(answers(ann)).toEqual([
      ['not-now', 1],
      ['not-now', 2],
    ])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    // A newer connection waits for it no longer either.
    const newer = await enter()
    await newer.say(op(1, { type: 'stuck' }))
    await clock.advance(5_000)
    await newer.say(op(1, { type: 'stuck' }), op(2))
    for (const finish of late) finish()
    await settled()
    expect(answers(newer)).toEqual([
      ['not-now', 1],
      ['ack', 1],
      ['ack', 2],
    ])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false])
    expect(await board()).toEqual(['"board-1-1 3"', '2'])
  })

  test('[P12] neither does an authorize that never answers hold a lane', async () => {
    const { enter, clock } = await play({ authorize: () => new Promise(() => undefined) })
    const ann = await enter()
    await ann.say(op(1))
    await clock.advance(30_000)
    expect(answers(ann)).toEqual([['not-now', 1]])
  })

  test('[P4] [P14] what is in flight is bounded in characters too: the rest comes again', async () => {
    const payload = (n: number) => ({ payload: JSON.stringify(`${n}`.repeat(60)) })
    let finish = () => {}
    const slow: Operation = () =>
      new Promise((resolve) => {
        finish = () => resolve(undefined)
      })
    const { enter } = await play({
      operations: { slow },
      limits: { payload: 100, message: 10_000, windowChars: 150 },
    })
    const ann = await enter()
    const both = [op(2, payload(2)), op(3, payload(3)), op(4)]
    await ann.say(op(1, { type: 'slow', ...payload(1) }), ...both)
    finish()
    await settled()
    expect(answers(ann)).toEqual([
      ['ack', 1],
      ['ack', 2],
      ['not-now', 3],
      ['not-now', 4],
    ])
    await ann.say(...both.slice(1))
    expect(answers(ann).at(-1)).toEqual(['ack', 4])
    expect((await board()).map((text) => text.charAt(1))).toEqual(['2', '3', ''])
  })

  test('[P14] more in flight than the window allows is a violation', async () => {
    const stuck: Operation = () => new Promise(() => undefined)
    const { enter } = await play({ operations: { stuck }, limits: { window: 3 } })
    const ann = await enter()
    for (let seq = 1; seq <= 3; seq++) await ann.say(op(seq, { type: 'stuck' }))
    expect(ann.socket.end).toBeUndefined()
    await ann.say(op(1, { lane: 'other' }))
    expect(ann.socket.end?.[0]).toBe(1008)
  })
})
