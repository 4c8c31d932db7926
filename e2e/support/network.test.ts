/** Proves that the scriptable network does to bytes what its words say, and nothing else. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNetwork, type Network } from './network.js'

let echo: Server
let network: Network
/** The server's ends of the connections. */
let accepted: Socket[]
const opened: Socket[] = []

beforeEach(async () => {
  accepted = []
  echo = createServer((socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  network = await createNetwork((echo.address() as AddressInfo).port)
})

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await network.close()
  for (const socket of accepted) socket.destroy()
  echo.close()
})

interface Client {
  readonly socket: Socket
  /** What came back, chunk by chunk. */
  readonly chunks: Buffer[]
  readonly text: string
  readonly outcome: Promise<'ended' | 'reset'>
}

async function dial(): Promise<Client> {
  const socket = connect({ port: network.port, host: '127.0.0.1', noDelay: true })
  opened.push(socket)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  const outcome = new Promise<'ended' | 'reset'>((resolve) => {
    socket.on('error', () => resolve('reset'))
    socket.on('end', () => resolve('ended'))
  })
  await Promise.race([once(socket, 'connect'), outcome])
  return {
    socket,
    chunks,
    get text() {
      return Buffer.concat(chunks).toString()
    },
    outcome,
  }
}

test('fair weather passes bytes on in order', async () => {
  const client = await dial()
  const sent = Array.from({ length: 500 }, (_, index) => `line ${index}\n`)
  for (const line of sent) client.socket.write(line)
  await expect.poll(() => client.text).toBe(sent.join(''))
  expect(network.connections).toBe(1)
})

test('an orderly end travels through, after what was said before it', async () => {
  const client = await dial()
  client.socket.end('goodbye')
  expect(await client.outcome).toBe('ended')
  expect(client.text).toBe('goodbye')
  await expect.poll(() => network.connections).toBe(0)
})

test('delay makes a round trip take twice as long as one way', async () => {
  const client = await dial()
  network.delay(40)
  const start = performance.now()
  client.socket.write('ping')
  await expect.poll(() => client.text, { interval: 5 }).toBe('ping')
  expect(performance.now() - start).toBeGreaterThanOrEqual(79)
})

test('throttle lets no more through than its rate', async () => {
  const client = await dial()
  network.slice(1_000)
  network.throttle(50_000)
  const start = performance.now()
  client.socket.write(Buffer.alloc(10_000))
  await expect.poll(() => client.text.length, { interval: 5 }).toBe(10_000)
  // Nine slices wait for the one before them.
  expect(performance.now() - start).toBeGreaterThanOrEqual(179)
})

test('slice tears chunks apart and keeps their order', async () => {
  const client = await dial()
  network.slice(3)
  network.delay(1)
  client.socket.write('0123456789')
  await expect.poll(() => client.text).toBe('0123456789')
  expect(Math.max(...client.chunks.map(({ length }) => length))).toBeLessThan(10)
})

test.each(['up', 'down', 'both'] as const)(
  'blackhole %s is silent, and loses nothing when it closes',
  async (direction) => {
    const client = await dial()
    client.socket.write('before ')
    await expect.poll(() => client.text).toBe('before ')
    network.blackhole(direction)
    client.socket.write('during ')
    const arrived = new Promise((resolve) => accepted[0]?.once('data', resolve))
    if (direction === 'down') await arrived
    // A connection of its own would have its answer by the time that a second echo is back.
    expect(client.text).toBe('before ')
    expect(client.socket.destroyed).toBe(false)
    network.pass()
    client.socket.write('after')
    await expect.poll(() => client.text).toBe('before during after')
  },
)

test('what was open is forgotten for good, and what opens later is not', async () => {
  const old = await dial()
  old.socket.write('before ')
  await expect.poll(() => old.text).toBe('before ')
  network.forget()
  old.socket.write('during ')
  const young = await dial()
  young.socket.write('young')
  await expect.poll(() => young.text).toBe('young')
  network.pass()
  young.socket.write(' still')
  await expect.poll(() => young.text).toBe('young still')
  expect(old.text).toBe('before ')
  expect(old.socket.destroyed).toBe(false)
  expect(network.connections).toBe(2)
})

test('refuse turns new connections away and leaves open ones alone', async () => {
  const old = await dial()
  network.refuse()
  const late = await dial()
  expect(await late.outcome).toBe('reset')
  old.socket.write('still here')
  await expect.poll(() => old.text).toBe('still here')
  expect(network.refused).toBe(1)
})

test('reset ends open connections at both ends and lets new ones in', async () => {
  const old = await dial()
  await expect.poll(() => accepted.length).toBe(1)
  const gone = new Promise((resolve) => accepted[0]?.once('close', resolve))
  network.reset()
  expect(await old.outcome).toBe('reset')
  await gone
  const fresh = await dial()
  fresh.socket.write('hello')
  await expect.poll(() => fresh.text).toBe('hello')
})

test('cut ends what is open and refuses what comes, until it passes again', async () => {
  const old = await dial()
  network.cut()
  expect(await old.outcome).toBe('reset')
  expect(await (await dial()).outcome).toBe('reset')
  network.pass()
  const fresh = await dial()
  fresh.socket.write('hello')
  await expect.poll(() => fresh.text).toBe('hello')
})

test('a server that is away looks like a refused connection', async () => {
  const { port } = echo.address() as AddressInfo
  echo.close()
  network.route(port)
  expect(await (await dial()).outcome).toBe('reset')
  await expect.poll(() => network.connections).toBe(0)
})

test('close is idempotent', async () => {
  await network.close()
  await network.close()
})
