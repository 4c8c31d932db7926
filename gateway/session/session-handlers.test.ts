import { describe, expect, test } from 'vitest'
import type { Operation } from '../operations/operations.js'
import { settled } from '../virtual-environment.js'
import { op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

describe('operations of the app', () => {
  test('[G16] [G17] an operation of the app publishes and answers in one commit', async () => {
    const move: Operation = async (payload, { identity, client, key, channel, lane, type }) => ({
      publish: [
        { channel: 'board', payload: { payload, identity, client, key, channel, lane, type } },
        { channel: 'audit', payload: 'moved' },
      ],
      result: { ok: true },
    })
    const { enter } = await play({ operations: { move } })
    const ann = await enter()
    await ann.say(op(1, { type: 'move', payload: '[1]', channel: 'c' }), op(2, { type: 'move' }))
    const context = {
      identity: '',
      client: 'ann',
      key: 'board-1-1',
      channel: 'c',
      lane: 'board',
      type: 'move',
    }
    expect(JSON.parse((await board())[0] ?? '')).toEqual({ payload: [1], ...context })
    expect(ann.socket.bodies('ack')[0]?.results).toEqual([[1, '{"ok":true}']])
  })

  test('[P4] operations of a lane run one after the other, lanes beside each other', async () => {
    const story: string[] = []
    const release = new Map<string, () => void>()
    const slow: Operation = async (_, { key }) => {
      story.push(`begin ${key}`)
      await new Promise<void>((resolve) => release.set(key, resolve))
      story.push(`end ${key}`)
    }
    const { enter } = await play({ operations: { slow } })
    const ann = await enter()
    await ann.say(
      op(1, { type: 'slow' }),
      op(2, { type: 'slow' }),
      op(3),
      op(1, { type: 'slow', lane: 'x' }),
    )
    expect(story).toEqual(['begin board-1-1', 'begin x-1-1'])
    release.get('x-1-1')?.()
    release.get('board-1-1')?.()
    await settled()
    expect(story.slice(2)).toEqual(['end x-1-1', 'end board-1-1', 'begin board-1-2'])
    expect(await board()).toEqual([])
    release.get('board-1-2')?.()
    await settled()
    expect(await board()).toEqual(['3'])
  })

  test('[P3] [P4] a repeat waits for the handler that an older connection left running', async () => {
    let runs = 0
    let finish = () => {}
    const slow: Operation = async () => {
      runs += 1
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return { result: runs }
    }
    const { enter } = await play({ operations: { slow } })
    await (await enter()).say(op(1, { type: 'slow' }))
    const newer = await enter()
    await newer.say(op(1, { type: 'slow' }))
    expect(runs).toBe(1)
    finish()
    await settled()
    expect(newer.socket.bodies('ack')).toMatchObject([{ seq: 1, results: [[1, '1']] }])
    expect(runs).toBe(1)
  })

  test('[P3] [P4] a number that becomes the next while it is looked at is not settled unheard', async () => {
    const say: Operation = (payload) => ({ publish: [{ channel: 'board', payload }] })
    const { enter, log } = await play({ operations: { say } })
    const { find } = log
    const one = { lane: 'board', client: 'ann', epoch: 1, seq: 1, key: 'board-1-1', lowest: 1 }
    const first = { publish: [{ channel: 'board', payload: '1' }], answer: 'last-id' } as const
    Object.assign(log, {
      async find(...wanted: Parameters<typeof find>) {
        const known = await find(...wanted)
        await log.commit(one, first)
        return known
      },
    })
    const ann = await enter()
    await ann.say(op(2, { type: 'say' }))
    expect(answers(ann)).toEqual([['out-of-order', 2]])
    await ann.say(op(2, { type: 'say' }))
    expect(await board()).toEqual(['1', '2'])
  })

  test('a handler that throws is tried again; what it returns must be JSON of bearable size', async () => {
    let isBroken = true
    const flaky: Operation = () => {
      if (isBroken) throw new Error('no database')
      return { result: 1 }
    }
    const large: Operation = () => ({ publish: [{ channel: 'board', payload: 'x'.repeat(999) }] })
    const odd: Operation = () => ({ result: () => 1 })
    const nameless: Operation = () => ({ publish: [{ channel: '', payload: 1 }] })
    const { enter } = await play({
      operations: { flaky, large, odd, nameless },
      limits: { payload: 100 },
    })
    const ann = await enter()
    await ann.say(op(1, { type: 'flaky' }))
    isBroken = false
    await ann.say(op(1, { type: 'flaky' }))
    await ann.say(op(2, { type: 'large' }), op(3, { type: 'odd' }), op(4, { type: 'nameless' }))
    expect(answers(ann)).toEqual([
      ['not-now', 1],
      ['ack', 1],
      ['too-large', 2],
      ['not-json', 3],
      ['bad-channel', 4],
    ])
  })

  test('an operation whose time is up when its turn comes takes no effect', async () => {
    let finish = () => {}
    const slow: Operation = () =>
      new Promise((resolve) => {
        finish = () => resolve(undefined)
      })
    const { enter, clock } = await play({ operations: { slow } })
    const ann = await enter()
    await ann.say(
      op(1, { type: 'slow' }),
      op(2, { type: 'slow', ttl: 500 }),
      op(3, { ttl: 500 }),
      op(4, { ttl: 5_000 }),
    )
    await clock.advance(1_000)
    finish()
    await settled()
    expect(answers(ann)).toEqual([
      ['ack', 1],
      ['expired', 2],
      ['expired', 3],
      ['ack', 4],
    ])
    expect(await board()).toEqual(['4'])
  })

  test('[P4] [P14] it waits for that handler also when other clients have taken every place since', async () => {
    let running = 0
    let most = 0
    const slow: Operation = async () => {
      most = Math.max(most, ++running)
      await new Promise(() => undefined)
    }
    const { enter } = await play({ operations: { slow }, limits: { sessions: 1 } })
    const older = await enter()
    await older.say(op(1, { type: 'slow' }))
    await older.cut()
    await enter({ client: 'bob' as never })
    await (await enter()).say(op(1, { type: 'slow' }))
    expect(most).toBe(1)
  })
})
