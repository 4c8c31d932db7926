import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { EventId } from '../protocol/ids.js'
import { createGateway, type Gateway, type GatewayOptions } from './create-gateway.js'
import type { Log } from './log/log.js'
import { openSqliteLog } from './log/sqlite-log.js'
import { helloFrame, openPeer } from './peer.js'

let server: Server
let log: Log
let gateway: Gateway
let url: string

async function start(options: Partial<GatewayOptions> = {}): Promise<void> {
  log = await openSqliteLog({ file: ':memory:' })
  server = createServer()
  gateway = createGateway({ server, log, ...options })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/line`
}

afterEach(async () => {
  await gateway.close()
  server.closeAllConnections()
  server.close()
  await log.close()
})

describe('the upgrade', () => {
  test('needs the subprotocol', async () => {
    await start()
    await expect(openPeer(url, { protocol: '' })).rejects.toThrow('status 400')
    await expect(openPeer(url, { protocol: 'other.v1' })).rejects.toThrow('status 400')
  })

  test('of another path is not ours', async () => {
    await start()
    await expect(openPeer(`${url}/other`)).rejects.toThrow('status 404')
    await (await openPeer(`${url}?with=query`)).terminate()
  })

  test('is refused to pages of other origins', async () => {
    await start()
    const own = url.replace('ws', 'http').replace('/line', '')
    for (const origin of ['https://evil.example', 'null', `${own}1`]) {
      await expect(openPeer(url, { origin })).rejects.toThrow('status 403')
    }
    ;(await openPeer(url, { origin: own })).terminate()
    ;(await openPeer(url)).terminate()
  })

  test('[P14] once refused, leaves no socket behind, though the peer keeps its half open', async () => {
    await start()
    const gone = new Promise((resolve) => {
      server.once('connection', (socket) => socket.once('close', resolve))
    })
    const { port } = server.address() as AddressInfo
    const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    peer.on('error', () => undefined)
    peer.write('GET /line HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    peer.resume()
    await gone
    peer.destroy()
  })

  test('is granted to the origins that are listed, or to all', async () => {
    await start({ origins: ['https://app.example'] })
    ;(await openPeer(url, { origin: 'https://app.example' })).terminate()
    await expect(openPeer(url, { origin: 'https://evil.example' })).rejects.toThrow('status 403')
    await gateway.close()
    gateway = createGateway({ server, log, origins: '*' })
    ;(await openPeer(url, { origin: 'https://evil.example' })).terminate()
  })
})

describe('the gateway', () => {
  test('welcomes, takes an operation, and tells everybody', async () => {
    await start()
    const ann = await openPeer(url)
    const bob = await openPeer(url)
    ann.say(helloFrame({ channels: [{ channel: 'board' }] }))
    bob.say(helloFrame({ client: 'bob' as never, channels: [{ channel: 'board' }] }))
    await Promise.all([ann.next('welcome'), bob.next('welcome')])
    const op = { lane: 'board', epoch: 1, seq: 1, key: 'k' as never, type: 'publish' }
    ann.say(['op', { ...op, channel: 'board', payload: '"hi"' }])
    expect(await ann.next('ack')).toMatchObject({ seq: 1, results: [[1, '{"id":"1"}']] })
    for (const peer of [ann, bob]) {
      expect(await peer.next('events')).toMatchObject({ after: '0', events: [['1', '"hi"']] })
    }
    expect(await gateway.publish('board', { from: 'server' })).toBe('2')
    expect(await bob.next('events')).toMatchObject({
      after: '1',
      events: [['2', '{"from":"server"}']],
    })
    const position = await gateway.position('board')
    expect(position.id).toBe('2')
    expect(await gateway.read('board', { id: '0' as EventId }, 1)).toMatchObject({
      events: [['1', '"hi"']],
    })
    expect(gateway.stats()).toMatchObject({
      connections: 2,
      channels: 1,
      subscribers: 2,
      ops: 1,
      delivered: 4,
    })
  })

  test('answers requests, gives pages, passes signals on and shows who is there', async () => {
    await start({ requests: { sum: (numbers) => (numbers as number[]).reduce((a, b) => a + b) } })
    const [ann, bob] = [await openPeer(url), await openPeer(url)]
    const hello = {
      features: ['signals', 'presence'],
      channels: [{ channel: 'board' }],
      presence: [{ channel: 'board', watch: true, state: '"here"' }],
    }
    ann.say(helloFrame(hello))
    const { member, features } = await ann.next('welcome')
    expect(features).toEqual(['pages', 'requests', 'signals', 'presence'])
    bob.say(helloFrame({ ...hello, client: 'bob' as never }))
    const other = (await bob.next('welcome')).member
    await ann.next('presence', ({ members }) => members.some((one) => one.member === other))
    ann.say(['signal', { channel: 'board', payload: '1' }])
    expect(await bob.next('signal')).toEqual({ channel: 'board', member, payload: '1' })
    ann.say(['request', { id: 1, type: 'sum', payload: '[1,2,3]' }])
    expect(await ann.next('response')).toEqual({ id: 1, result: '6' })
    await gateway.publish('board', 'one')
    ann.say(['fetch', { id: 1, channel: 'board', cursor: { id: '' as EventId } }])
    expect(await ann.next('page')).toMatchObject({ events: [['1', '"one"']], more: false })
    bob.say(['presence', { channel: 'board', watch: false }])
    await ann.next('presence', ({ left }) => left.includes(other ?? ''))
    expect(gateway.stats()).toMatchObject({
      members: 1,
      watchers: 1,
      requests: 1,
      signals: 1,
      pages: 1,
    })
  })

  test('authenticate sees the request', async () => {
    await start({
      authenticate: (token, request) => ({ identity: `${token} ${request.url}` }),
      operations: {
        who: (_, { identity }) => ({ result: identity }),
      },
    })
    const peer = await openPeer(`${url}?room=1`)
    peer.say(helloFrame({ auth: 'ann' }), [
      'op',
      { lane: 'l', epoch: 1, seq: 1, key: 'k' as never, type: 'who' },
    ])
    expect((await peer.next('ack')).results).toEqual([[1, '"ann /line?room=1"']])
  })

  test('publish refuses what is not JSON, too large, or without a name', async () => {
    await start({ limits: { payload: 100, message: 10_000 } })
    await expect(gateway.publish('board', undefined)).rejects.toMatchObject({ code: 'not-json' })
    await expect(gateway.publish('board', 'x'.repeat(99))).rejects.toMatchObject({
      code: 'too-large',
    })
    await expect(gateway.publish('', 1)).rejects.toMatchObject({ code: 'bad-channel' })
  })

  test('[F46] broken WebSocket frames end one connection and no other', async () => {
    await start({ limits: { payload: 100, message: 10_000 } })
    const witness = await openPeer(url)
    witness.say(helloFrame())
    await witness.next('welcome')
    const large = await openPeer(url)
    large.raw(' '.repeat(30_001))
    expect(await large.closed).toBe(1009)
    const binary = await openPeer(url)
    binary.raw(new Uint8Array([1, 2, 3]))
    expect(await binary.closed).toBe(1003)
    const raw = connect(Number(new URL(url).port), '127.0.0.1')
    raw.write(
      'GET /line HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Protocol: partyline.v1\r\n\r\n',
    )
    await once(raw, 'data')
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    await once(raw, 'close')
    witness.say(['ping', { id: 1 }])
    expect(await witness.next('pong')).toEqual({ id: 1 })
  })

  test('[P11] drains: refuses newcomers, announces, closes with 4002', async () => {
    await start()
    const peer = await openPeer(url)
    peer.say(helloFrame())
    await peer.next('welcome')
    const drained = gateway.drain({ within: 50, spread: 50, why: 'deploy' })
    expect(await peer.next('drain')).toEqual({ in: 50, spread: 50, why: 'deploy' })
    await expect(openPeer(url)).rejects.toThrow('status 503')
    expect(await peer.next('bye')).toMatchObject({ code: 4002 })
    expect(await peer.closed).toBe(4002)
    await drained
  })

  test('closes twice, and takes no more upgrades', async () => {
    await start()
    const peer = await openPeer(url)
    peer.say(helloFrame())
    await peer.next('welcome')
    await Promise.all([gateway.close(), gateway.close()])
    expect(await peer.closed).toBe(1001)
  })

  test('tells a mistake in its options at once', () => {
    const make = (options: Partial<GatewayOptions>) => () => createGateway({ log, ...options })
    expect(make({ limits: { window: 0 } })).toThrow('limits.window')
    expect(make({ limits: { message: 100 } })).toThrow('limits.message')
    expect(make({ heartbeat: { intervalMs: 1 } })).toThrow('heartbeat.intervalMs')
  })
})
