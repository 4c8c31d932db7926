/**
 * Owns the two servers of the fan-out question: our gateway, and a plain `ws` server that sends every
 * event to every socket as one prepared frame, which is the floor of what Node can do without
 * coalescing. Both live in this process, and both stop producing while their sockets are behind.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { createGateway, openSqliteLog } from '../../dist/gateway.js'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' }
const ROOTS = { '/dist/': '../../dist/', '/': '../page/' }
/** Events a turn: what a busy server would find waiting. */
const TURN = 50
/** Bytes on their way to one plain socket before the producer waits. */
const HIGH_WATER = 1024 * 1024

/** @param {number} n */
export const payloadOf = (n) => ({
  n,
  kind: 'move',
  card: `card-${n % 97}`,
  x: n % 1920,
  y: n % 1080,
  who: 'somebody',
  note: 'x'.repeat(100),
})

export async function startServers() {
  const http = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://x').pathname
    const root = Object.entries(ROOTS).find(([prefix]) => path.startsWith(prefix))
    const [prefix, folder] = root ?? ['/', '']
    try {
      const file = fileURLToPath(new URL(folder + path.slice(prefix.length), import.meta.url))
      const body = await readFile(file)
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  const log = await openSqliteLog({ file: ':memory:', retain: 1_000_000 })
  const gateway = createGateway({ server: http, path: '/line', log })
  const plain = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/plain') return
    plain.handleUpgrade(request, socket, head, (ws) => plain.emit('connection', ws))
  })
  await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address())

  return {
    url: `http://127.0.0.1:${port}/`,
    gateway,

    /** @param {number} first @param {number} count */
    async produceOurs(first, count) {
      /** @type {Promise<unknown>[]} */
      let waiting = []
      for (let n = first; n < first + count; n++) {
        waiting.push(gateway.publish('bench', payloadOf(n)))
        if (waiting.length < TURN) continue
        await Promise.all(waiting)
        waiting = []
        await turn()
      }
      await Promise.all(waiting)
    },

    /** @param {number} first @param {number} count */
    async producePlain(first, count) {
      for (let n = first; n < first + count; n++) {
        const text = JSON.stringify({ channel: 'bench', id: String(n), payload: payloadOf(n) })
        for (const ws of plain.clients) ws.send(text)
        if (n % TURN) continue
        do await turn()
        while ([...plain.clients].some((ws) => ws.bufferedAmount > HIGH_WATER))
      }
    },

    async close() {
      for (const ws of plain.clients) ws.terminate()
      await gateway.close()
      await log.close()
      http.closeAllConnections()
      http.close()
    },
  }
}
