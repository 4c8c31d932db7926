import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeDown } from '../protocol/wire/codec.js'
import { UP_EXAMPLES } from '../protocol/wire/examples.js'
import { MESSAGE_MAX } from '../protocol/wire/limits.js'
import { createGateway, type Gateway } from './create-gateway.js'
import type { Log } from './log/log.js'
import { openSqliteLog } from './log/sqlite-log.js'
import { helloFrame, openPeer, type Peer } from './peer.js'
import {
  CONTINUATION,
  closeCodeOf,
  frameBytes,
  heardFrames,
  openRaw,
  PING,
  type RawFrame,
  type RawPeer,
  TEXT,
  UPGRADE,
} from './raw-peer.js'

const LIMITS = { payload: 4_000, message: 40_000, helloMs: 1_000 }
const MESSAGE_BYTES = LIMITS.message * 3
const PATIENCE_MS = 500
const RUNS = 300
/** Pings at once, and how often: 52 MB of them. */
const FLOOD = 10_000
const FLOODS = 40

let log: Log
let server: Server
let gateway: Gateway
let port: number
let sockets: Set<Socket>
let witness: Peer
let asked: number

beforeEach(async () => {
  log = await openSqliteLog({ file: ':memory:' })
  server = createServer(
    {
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      connectionsCheckingInterval: PATIENCE_MS / 5,
    },
    (_, response) => response.writeHead(404).end(),
  )
  sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  gateway = createGateway({ server, log, limits: LIMITS })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  witness = await openPeer(`ws://127.0.0.1:${port}/line`)
  witness.say(helloFrame({ client: 'witness' as never }))
  await witness.next('welcome')
  asked = 0
})

afterEach(async () => {
  witness.terminate()
  await gateway.close()
  server.closeAllConnections()
  server.close()
  await log.close()
})

/** The others are served, whatever one of them says. */
async function othersAreServed(): Promise<void> {
  asked += 1
  witness.say(['ping', { id: asked }])
  await witness.next('pong', ({ id }) => id === asked)
}

/** The witness is the only one left, to the server and to the gateway. */
const othersAreGone = () =>
  expect.poll(() => [sockets.size, gateway.stats().sockets], { timeout: 10_000 }).toEqual([1, 1])

async function upgraded(): Promise<RawPeer> {
  const peer = await openRaw(port)
  peer.send(UPGRADE)
  await peer.answered
  expect(peer.heard.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /)
  return peer
}

async function welcomed(): Promise<RawPeer> {
  const peer = await upgraded()
  peer.send(frameBytes({ opcode: TEXT, payload: JSON.stringify([helloFrame()]) }))
  await expect.poll(() => gateway.stats().connections).toBe(2)
  return peer
}

interface Edit {
  readonly at: number
  readonly drop: number
  readonly insert: Uint8Array
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: UPGRADE.length }),
  drop: fc.nat({ max: 8 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .constantFrom(
        '\r\n',
        '\0',
        'Content-Length: 5\r\n',
        'Transfer-Encoding: chunked\r\n',
        ',',
        ' ',
      )
      .map((text) => Buffer.from(text)),
  ),
})

const edited = (edits: readonly Edit[]): Buffer =>
  edits.reduce<Buffer>(
    (bytes, { at, drop, insert }) =>
      Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)]),
    Buffer.from(UPGRADE),
  )

const beforeUpgrade: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
  { weight: 4, arbitrary: fc.array(edit, { maxLength: 4 }).map(edited) },
)

test(`[F46] ${RUNS} openings of random bytes are answered with a status or a close, and nobody else suffers`, async () => {
  const statuses = new Set<string>()
  const opening = fc.asyncProperty(beforeUpgrade, fc.boolean(), async (bytes, isWhole) => {
    const peer = await openRaw(port)
    peer.send(bytes)
    if (isWhole) peer.send('\r\n\r\n')
    await peer.answered
    const answer = peer.heard.toString('latin1')
    if (answer) statuses.add(/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? answer)
    peer.destroy()
    await othersAreServed()
  })
  await fc.assert(opening, { numRuns: RUNS })
  await othersAreGone()
  // 408 is the server's word for an opening that does not come to its end.
  expect([...statuses].sort()).toEqual(['101', '400', '404', '408'])
}, 120_000)

const message = fc
  .constantFrom(
    JSON.stringify([helloFrame({ client: 'raw' as never })]),
    ...UP_EXAMPLES.map((frame) => JSON.stringify([frame])),
    JSON.stringify(UP_EXAMPLES),
  )
  .map((text) => Buffer.from(text))

const rightFrame: fc.Arbitrary<RawFrame> = message.map((payload) => ({ opcode: TEXT, payload }))
const anyFrame: fc.Arbitrary<RawFrame> = fc.record(
  {
    isLast: fc.boolean(),
    reserved: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 7 })),
    opcode: fc.oneof(fc.constantFrom(0, 1, 1, 8, 9, 10), fc.nat({ max: 15 })),
    isMasked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
    payload: fc.oneof(message, fc.uint8Array({ maxLength: 200 })),
    claims: fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(2 ** 16, 2 ** 31, 2 ** 53 - 1)),
  },
  { requiredKeys: ['isLast', 'opcode', 'payload'] },
)

const CLOSES = [1000, 1002, 1003, 1005, 1007, 1008, 1009, 4009]

test(`[F46] after the upgrade ${RUNS} streams of broken frames hear nothing but the protocol, and end`, async () => {
  const codes = new Map<number | undefined, number>()
  const frames = fc.array(fc.oneof(rightFrame, anyFrame), { minLength: 1, maxLength: 6 })
  const slices = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 6 })
  const stream = fc.asyncProperty(frames, slices, async (given, cuts) => {
    const peer = await upgraded()
    let rest = Buffer.concat(given.map(frameBytes))
    for (const cut of cuts) {
      peer.send(rest.subarray(0, cut))
      rest = rest.subarray(cut)
      await othersAreServed()
    }
    peer.send(rest)
    peer.finish()
    await peer.closed
    const heard = heardFrames(peer.heard)
    for (const { opcode, payload } of heard) {
      if (opcode === TEXT) expect(decodeDown(String(payload), MESSAGE_MAX).ok).toBe(true)
    }
    const code = closeCodeOf(heard)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (code !== undefined) expect(CLOSES).toContain(code)
    await othersAreServed()
  })
  await fc.assert(stream, { numRuns: RUNS })
  await othersAreGone()
  expect(codes.get(1002)).toBeGreaterThan(RUNS / 10)
}, 120_000)

test.each<[string, readonly Buffer[], number]>([
  ['a head that claims 8 PB', [frameBytes({ opcode: TEXT, claims: 2 ** 53 - 1 })], 1009],
  [
    'a head that claims a byte too many',
    [frameBytes({ opcode: TEXT, claims: MESSAGE_BYTES + 1 })],
    1009,
  ],
  [
    'fragments that are too much together',
    [
      frameBytes({ isLast: false, opcode: TEXT, payload: ' '.repeat(MESSAGE_BYTES) }),
      frameBytes({ isLast: false, opcode: CONTINUATION, payload: ' ' }),
    ],
    1009,
  ],
  [
    'fragments without an end',
    [
      frameBytes({ isLast: false, opcode: TEXT }),
      ...Array<Buffer>(20_000).fill(frameBytes({ isLast: false, opcode: CONTINUATION })),
    ],
    1008,
  ],
])('[F46] [P14] %s: the connection is closed before more is kept', async (_, bytes, code) => {
  const peer = await welcomed()
  peer.send(Buffer.concat(bytes))
  await expect.poll(() => closeCodeOf(heardFrames(peer.heard))).toBe(code)
  peer.destroy()
  await othersAreServed()
  await othersAreGone()
})

test('[P14] a flood of pings whose pongs nobody reads does not grow the server', async () => {
  const before = new Set(sockets)
  const peer = await welcomed()
  const [own] = [...sockets].filter((socket) => !before.has(socket))
  peer.stopReading()
  const ping = frameBytes({ opcode: PING, payload: 'x'.repeat(125) })
  const flood = Buffer.concat(Array<Buffer>(FLOOD).fill(ping))
  let waiting = 0
  for (let sent = 0; sent < FLOODS; sent++) {
    peer.send(flood)
    await peer.sent()
    await othersAreServed()
    waiting = Math.max(waiting, own?.writableLength ?? Infinity)
  }
  expect(waiting).toBeLessThan(1024 * 1024)
  peer.destroy()
  await othersAreGone()
}, 60_000)

test('[P14] whoever is slow, or never comes to an end, is let go of while the others are served', async () => {
  const openings = [
    { first: 'GET /line HTTP/1.1\r\nX-Slow: ', next: 'x' },
    { first: `GET /line HTTP/1.1\r\n${'X-More: and more\r\n'.repeat(2_000)}`, next: 'x' },
    { first: '', next: '' },
  ]
  async function open({ first, next }: (typeof openings)[number]): Promise<void> {
    const peer = await openRaw(port)
    peer.send(first)
    const dribble = setInterval(() => peer.send(next), PATIENCE_MS / 20)
    await peer.closed
    clearInterval(dribble)
    // Too slow, or too large, whichever was found first; a reset may have overtaken the word of it.
    expect(peer.heard.toString('latin1')).toMatch(/^(HTTP\/1\.1 (408|431) |$)/)
  }
  async function begin(): Promise<void> {
    const peer = await upgraded()
    peer.send(frameBytes({ opcode: TEXT, claims: 1_000 }))
    const dribble = setInterval(() => peer.send('x'), PATIENCE_MS / 20)
    await expect.poll(() => closeCodeOf(heardFrames(peer.heard)), { timeout: 10_000 }).toBe(1008)
    clearInterval(dribble)
    peer.destroy()
  }

  const each = Array.from({ length: 40 }, (_, index) => {
    const opening = openings[index % 4]
    return opening ? open(opening) : begin()
  })
  let isOver = false
  const all = Promise.allSettled(each).then((ends) => {
    isOver = true
    return ends.filter(({ status }) => status === 'rejected')
  })
  while (!isOver) {
    await othersAreServed()
    // As fast as it can it would itself be one who says too much.
    await pause(5)
  }
  expect(await all).toEqual([])
  await othersAreGone()
}, 60_000)
