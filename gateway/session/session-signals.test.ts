import { describe, expect, test } from 'vitest'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Authorize } from '../operations/operations.js'
import { settled } from '../virtual-environment.js'
import type { Actor, Stage } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

const signal = (payload: unknown, channel = 'board'): UpFrame => [
  'signal',
  { channel, payload: JSON.stringify(payload) },
]
const features = ['signals']
const channels = [{ channel: 'board' }]
const join = (stage: Stage, client: string, changes = {}): Promise<Actor> =>
  stage.enter({ client: client as never, features, channels, ...changes })
const heard = ({ socket }: Actor): unknown[] =>
  socket.bodies('signal').map(({ payload }) => JSON.parse(payload))

describe('a signal', () => {
  test('reaches the others in its channel that know signals, and nobody else', async () => {
    const stage = await play()
    const ann = await join(stage, 'ann')
    const bob = await join(stage, 'bob')
    const old = await join(stage, 'old', { features: [] })
    const elsewhere = await join(stage, 'cid', { channels: [{ channel: 'other' }] })
    await ann.say(signal({ typing: true }))
    const member = ann.socket.bodies('welcome')[0]?.member
    expect(bob.socket.bodies('signal')).toEqual([
      { channel: 'board', member, payload: '{"typing":true}' },
    ])
    expect([ann, old, elsewhere].map(heard)).toEqual([[], [], []])
    expect(stage.switchboard.stats()).toMatchObject({ signals: 1, signalsDropped: 0 })
  })

  test('[P13] names its sender by what only the server knows, the same after a reconnect', async () => {
    const stage = await play({ limits: { sessionMs: 1_000 } })
    const memberOf = ({ socket }: Actor) => socket.bodies('welcome')[0]?.member
    const ann = await join(stage, 'ann')
    const first = memberOf(ann)
    expect(first).not.toBe('ann')
    expect(first).not.toBe(ann.socket.bodies('welcome')[0]?.session)
    await ann.cut()
    const again = await join(stage, 'ann')
    expect(memberOf(again)).toBe(first)
    await again.cut()
    await stage.clock.advance(1_001)
    expect(memberOf(await join(stage, 'ann'))).not.toBe(first)
  })

  test('follows the subscription: not before its answer, not after its end, once if repeated', async () => {
    const stage = await play()
    const ann = await join(stage, 'ann')
    const bob = await join(stage, 'bob', { channels: [] })
    await ann.say(signal(1))
    await bob.say(['subscribe', channels[0] ?? { channel: '' }])
    await bob.say(['subscribe', { channel: 'board', cursor: { id: '' as never } }])
    await ann.say(signal(2))
    await bob.say(['unsubscribe', { channel: 'board' }])
    await ann.say(signal(3))
    expect(heard(bob)).toEqual([2])
    await bob.say(['subscribe', { channel: 'board' }])
    await bob.cut()
    await ann.say(signal(4))
    expect(heard(bob)).toEqual([2])
  })

  test('needs no subscription of its sender, only leave to send it', async () => {
    const asked: unknown[] = []
    const authorize: Authorize = ({ action, channel }) => {
      if (action === 'signal') asked.push(channel)
      return action === 'subscribe' || channel !== 'secret'
    }
    const stage = await play({ authorize })
    const bob = await join(stage, 'bob', { channels: [...channels, { channel: 'secret' }] })
    const ann = await join(stage, 'ann', { channels: [] })
    await ann.say(signal(1), signal(2, 'secret'), signal(3))
    expect(heard(bob)).toEqual([1, 3])
    expect(asked).toEqual(['board', 'secret', 'board'])
    expect(stage.switchboard.stats()).toMatchObject({ signals: 2, signalsDropped: 1 })
    expect(ann.socket.end).toBeUndefined()
  })

  test('keeps its order, however long the app thinks about each', async () => {
    const answers: ((may: boolean) => void)[] = []
    const stage = await play({
      authorize: ({ action }) =>
        action !== 'signal' || new Promise((resolve) => answers.push(resolve)),
    })
    const bob = await join(stage, 'bob')
    const ann = await join(stage, 'ann')
    await ann.say(signal('begins'), signal('ends'))
    for (let at = 0; at < 2; at++) {
      answers[at]?.(true)
      await settled()
    }
    expect(heard(bob)).toEqual(['begins', 'ends'])
  })

  test('[P14] is dropped without a word when it is too long, no JSON, or one too many', async () => {
    const stage = await play({ limits: { signalsPerSecond: 10, signalBurst: 5 } })
    const bob = await join(stage, 'bob')
    const ann = await join(stage, 'ann')
    await ann.say(signal('x'.repeat(4_095)), ['signal', { channel: 'board', payload: '{' }])
    await ann.say(...[1, 2, 3, 4, 5].map((n) => signal(n)))
    await stage.clock.advance(100)
    await ann.say(signal(6), signal(7))
    expect(heard(bob)).toEqual([1, 2, 3, 6])
    expect(stage.switchboard.stats()).toMatchObject({ signals: 4, signalsDropped: 5 })
    expect(ann.socket.end).toBeUndefined()
  })

  test('[P14] has room for 4,096 characters', async () => {
    const stage = await play()
    const bob = await join(stage, 'bob')
    const ann = await join(stage, 'ann')
    await ann.say(signal('x'.repeat(4_094)))
    expect(heard(bob)).toHaveLength(1)
  })

  test('[P14] [F44] is dropped for a socket that is full, and for nobody else', async () => {
    const stage = await play()
    const [ann, bob, slow] = [
      await join(stage, 'ann'),
      await join(stage, 'bob'),
      await join(stage, 'slow'),
    ]
    slow.socket.unsent = 2 * 1024 * 1024
    await ann.say(signal(1))
    slow.socket.unsent = 0
    await ann.say(signal(2))
    expect([heard(bob), heard(slow)]).toEqual([[1, 2], [2]])
  })

  test('is dropped when the app fails or its connection has ended: nothing else suffers', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const authorize: Authorize = async ({ action, channel }) => {
      if (action !== 'signal') return true
      if (channel === 'other') throw new Error('no database')
      await gate
      return true
    }
    const stage = await play({ authorize })
    const bob = await join(stage, 'bob')
    const ann = await join(stage, 'ann')
    await ann.say(signal(1, 'other'), signal(2))
    expect(ann.socket.end).toBeUndefined()
    await ann.cut()
    open()
    await settled()
    expect(heard(bob)).toEqual([])
    expect(stage.switchboard.stats()).toMatchObject({ signals: 0, signalsDropped: 2 })
  })
})
