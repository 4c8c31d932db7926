/** Proves that a cut is made at the stage at which it is aimed: what had happened by then, and nothing after. */
import { describe, expect, test } from 'vitest'
import type { Key } from '../../../protocol/ids.js'
import type { BrokerEnvironment } from '../../../worker/broker.js'
import type { SocketEvents } from '../../../worker/connection/socket.js'
import type { StoredOperation } from '../../../worker/outbox/operation.js'
import type { Store, StoreRequest } from '../../../worker/storage/store.js'
import type { Aim } from '../stages.js'
import { aimedEnvironment } from './aimed-environment.js'

const operation = (key: string, seq?: number): StoredOperation => ({
  key: key as Key,
  lane: 'l',
  type: 'publish',
  n: 1,
  createdAt: 0,
  ...(seq !== undefined && { number: { epoch: 1, seq } }),
})
const OP = JSON.stringify([['op', { key: '1' }]])
const ACK = JSON.stringify([['ack', { lane: 'l' }]])

/** Lives through an operation's life as a broker does, and returns what happened, in order. */
async function liveThrough(aim: Omit<Aim, 'nth'>): Promise<readonly string[]> {
  const happened: string[] = []
  let received: SocketEvents['received'] = () => {}
  const store: Store = {
    kind: 'disk',
    // What it loaded and what it is asked to open plays no part here.
    loaded: {} as Store['loaded'],
    async commit([change]) {
      happened.push(`begin ${change?.type}`)
      await null
      happened.push(`end ${change?.type}`)
    },
    close() {},
  }
  const real = {
    openStore: async () => store,
    openSocket(_url: string, _protocol: string, events: SocketEvents) {
      received = events.received
      return { send: () => void happened.push('send'), close() {} }
    },
  } as unknown as Omit<BrokerEnvironment, 'host'>
  const environment = aimedEnvironment(real, {
    aims: () => [{ ...aim, nth: 1, number: 0 }],
    fire: ({ cut }) => void happened.push(cut),
    die: () => void happened.push('die'),
  })

  const aimed = await environment.openStore?.({} as StoreRequest)
  const socket = environment.openSocket('', '', {
    opened() {},
    received: () => void happened.push('ack'),
    closed() {},
  })
  const live = async (): Promise<void> => {
    await aimed?.commit([{ type: 'put-operation', operation: operation('1', 1) }])
    socket.send(OP)
    received(ACK)
    await aimed?.commit([{ type: 'delete-operation', key: '1' }])
    happened.push('forgotten')
  }
  // Whoever is dead never gets to the end of this.
  await Promise.race([live(), new Promise((resolve) => setImmediate(resolve))])
  return happened
}

const WRITE = ['begin put-operation', 'end put-operation']
const DELETE = ['begin delete-operation', 'end delete-operation']
const DEATH = ['worker-killed', 'die']

describe('a worker that is killed', () => {
  const lives = [
    ['before-write', DEATH],
    ['while-writing', ['begin put-operation', ...DEATH, 'end put-operation']],
    ['before-send', [...WRITE, ...DEATH]],
    ['after-send', [...WRITE, 'send', ...DEATH]],
    ['before-ack', [...WRITE, 'send', ...DEATH]],
    ['before-delete', [...WRITE, 'send', 'ack', ...DEATH]],
    ['while-deleting', [...WRITE, 'send', 'ack', DELETE[0], ...DEATH, DELETE[1]]],
  ] as const
  for (const [stage, expected] of lives) {
    test(`${stage} does nothing after it`, async () => {
      expect(await liveThrough({ stage, cut: 'worker-killed' })).toEqual(expected)
    })
  }
})

describe('a worker whose socket is cut', () => {
  test('goes on', async () => {
    expect(await liveThrough({ stage: 'before-send', cut: 'socket-cut' })).toEqual([
      ...WRITE,
      'socket-cut',
      'send',
      'ack',
      ...DELETE,
      'forgotten',
    ])
  })

  test('has not heard what had just come', async () => {
    const happened = await liveThrough({ stage: 'before-ack', cut: 'socket-cut' })
    expect(happened).toContain('socket-cut')
    expect(happened).not.toContain('ack')
  })
})
