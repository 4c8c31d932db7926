import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { EventId } from '../protocol/ids.js'
import { UP_EXAMPLES } from '../protocol/wire/examples.js'
import type { UpFrame } from '../protocol/wire/frames-up.js'
import { garbage } from '../protocol/wire/garbage.js'
import { createGateway } from './create-gateway.js'
import { openSqliteLog } from './log/sqlite-log.js'
import { helloFrame, openPeer, type Peer } from './peer.js'

const COUNT = 10_000
const STRANGERS = 4

/** What a client might say after its hello, most of it out of order. */
const op = (seq: number, changes: object = {}): UpFrame => [
  'op',
  {
    lane: 'l',
    epoch: 1,
    seq,
    key: `k${seq}` as never,
    type: 'publish',
    channel: 'junk',
    payload: '1',
    ...changes,
  },
]
const MODELS = [
  ...UP_EXAMPLES.map((frame) => [frame]),
  [op(1)],
  [op(2), op(2), op(9), op(1)],
  [op(3, { payload: '{' }), op(4, { type: 'nonsense' })],
  [op(1, { lane: 'm', payload: JSON.stringify('x'.repeat(5_000)) })],
  [
    ['credit', { events: 1 }],
    ['subscribe', { channel: 'junk' }],
    ['unsubscribe', { channel: 'junk' }],
  ],
]

// Seven seconds by itself, and a busy machine takes ten times as long.
test('[F46] 10,000 bad messages: a close or a nack, never a crash, and nothing acknowledged is lost', async () => {
  const log = await openSqliteLog({ file: ':memory:', retain: 1_000_000 })
  const server = createServer()
  const gateway = createGateway({
    server,
    log,
    limits: { payload: 4_000, message: 40_000, messageBurst: 1e6 },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/line`

  const messages = garbage(MODELS, COUNT, 7) as (string | Uint8Array)[]
  messages.push('x'.repeat(200_000), new Uint8Array(200_000), `[${'['.repeat(30_000)}`)
  let connections = 0
  const codes = new Map<number, number>()

  async function stranger(own: readonly (string | Uint8Array)[], name: string): Promise<void> {
    let peer: Peer | undefined
    for (const [index, message] of own.entries()) {
      if (!peer) {
        const opened = await openPeer(url)
        connections += 1
        // One in five never says a proper hello.
        if (connections % 5)
          opened.say(helloFrame({ client: name as never, connection: connections }))
        peer = opened
      }
      peer.raw(message)
      // Wait for the verdict at every message: it is answered, or the connection is over.
      peer.raw(JSON.stringify([['ping', { id: index }]]))
      const current = peer
      const over = await Promise.race([
        current.next('pong', ({ id }) => id === index).then(() => undefined),
        current.closed,
      ]).catch(() => current.closed)
      if (over === undefined) continue
      codes.set(over, (codes.get(over) ?? 0) + 1)
      peer = undefined
    }
    peer?.terminate()
  }

  const witness = await openPeer(url)
  witness.say(helloFrame({ client: 'witness' as never }))
  await witness.next('welcome')
  let isOver = false
  const acknowledged: number[] = []
  async function honest(): Promise<void> {
    for (let seq = 1; !isOver; seq++) {
      witness.say(op(seq, { lane: 'good', channel: 'good', payload: `${seq}` }))
      const ack = await witness.next('ack', (body) => body.seq === seq)
      acknowledged.push(ack.seq)
    }
  }

  const watching = honest()
  const shares = Array.from({ length: STRANGERS }, (_, share) =>
    stranger(
      messages.filter((__, index) => index % STRANGERS === share),
      `stranger ${share}`,
    ),
  )
  await Promise.all(shares)
  isOver = true
  await watching

  // 1006: ws drops a socket whose close frame could not be read among more rubbish.
  expect(
    [...codes.keys()]
      .sort()
      .every((code) => [1002, 1003, 1006, 1007, 1008, 1009, 4009].includes(code)),
  ).toBe(true)
  expect(codes.get(1002)).toBeGreaterThan(100)
  const stored = await log.read('good', { id: '' as EventId }, 1_000_000)
  expect(stored.state === 'events' && stored.events.map(([, payload]) => Number(payload))).toEqual(
    acknowledged,
  )
  expect(acknowledged.length).toBeGreaterThan(10)
  expect(gateway.stats().refused).toBeGreaterThan(10)

  await gateway.close()
  server.close()
  await log.close()
}, 240_000)
