/**
 * Owns the gateway's network side: which upgrades are taken, on `ws`, and how sockets become
 * connections of the switchboard. Everything that a connection does is the switchboard's business.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { SUBPROTOCOL } from '../protocol/version.js'
import { resolveLimits } from './limits.js'
import { isOriginAllowed, type Origins } from './origin.js'
import { realClock, realRandom } from './real-environment.js'
import { createSwitchboard, type Switchboard, type SwitchboardOptions } from './switchboard.js'
import { createToSocket } from './ws-socket.js'

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What the gateway needs of an HTTP or HTTPS server. */
export interface UpgradeSource {
  on(event: 'upgrade', listener: OnUpgrade): unknown
  off(event: 'upgrade', listener: OnUpgrade): unknown
  listenerCount(event: 'upgrade'): number
}

export interface GatewayOptions<Claims = unknown>
  extends Omit<SwitchboardOptions<Claims>, 'clock' | 'random'> {
  /** Listens to its upgrades. Absent: give them to `upgrade` yourself. */
  readonly server?: UpgradeSource | undefined
  /** Default: `/line`. */
  readonly path?: string | undefined
  /** Pages that may connect. Default: those of the same host. `'*'`: all. */
  readonly origins?: Origins
}

export interface Gateway
  extends Pick<Switchboard, 'publish' | 'position' | 'read' | 'stats' | 'drain'> {
  /** For a server of one's own: false when the path is not the gateway's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Ends every connection at once. The log stays open: it is the caller's. */
  close(): Promise<void>
}

/** Bytes that UTF-8 may need for one UTF-16 code unit. */
const BYTES = 3

export function createGateway<Claims>(options: GatewayOptions<Claims>): Gateway {
  const { server, path = '/line', origins, logger } = options
  const limits = resolveLimits(options.limits)
  const switchboard = createSwitchboard({ ...options, clock: realClock, random: realRandom })
  const toSocket = createToSocket()
  const open = new Set<WebSocket>()
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.message * BYTES,
    handleProtocols: () => SUBPROTOCOL,
  })

  function connect(ws: WebSocket, request: IncomingMessage): void {
    open.add(ws)
    const connection = switchboard.connect(toSocket(ws), {
      url: request.url ?? '',
      headers: request.headers,
      address: request.socket.remoteAddress,
    })
    ws.on('message', (message, isBinary) => {
      connection.receive(isBinary ? message : message.toString())
    })
    // ws closes by itself after a broken frame (1002, 1007, 1009); the close tells the rest.
    ws.on('error', (error) => logger?.('warn', 'socket-error', { error }))
    ws.on('close', (code) => {
      open.delete(ws)
      connection.closed(code)
    })
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (pathOf(request) !== path) return false
    const { origin, host } = request.headers
    if (switchboard.isDraining) refuse(socket, 503, 'Service Unavailable')
    else if (!isOriginAllowed(origins, origin, host)) refuse(socket, 403, 'Forbidden')
    else if (!offers(request))
      refuse(socket, 400, 'Bad Request', `subprotocol ${SUBPROTOCOL} required`)
    else wss.handleUpgrade(request, socket, head, connect)
    return true
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (upgrade(request, socket, head)) return
    // With other listeners the path may be theirs; alone, nobody else would ever answer.
    if (server?.listenerCount('upgrade') === 1) refuse(socket, 404, 'Not Found')
  }

  server?.on('upgrade', onUpgrade)

  return {
    publish: switchboard.publish,
    position: switchboard.position,
    read: switchboard.read,
    stats: switchboard.stats,
    drain: switchboard.drain,
    upgrade,
    async close() {
      server?.off('upgrade', onUpgrade)
      switchboard.close()
      await Promise.all([...open].map(ended))
    },
  }
}

const ENDING_MS = 1_000

/** Waits for the peer's half of the close, but not for ever. */
function ended(ws: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const stop = realClock.after(ENDING_MS, () => ws.terminate())
    ws.once('close', () => {
      stop()
      resolve()
    })
  })
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}

const offers = ({ headers }: IncomingMessage): boolean =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((name) => name.trim() === SUBPROTOCOL)

function refuse(socket: Duplex, status: number, title: string, why = title): void {
  socket.on('error', () => socket.destroy())
  // Half closed it would stay, for as long as the peer likes: no server watches an upgraded socket.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(why)}\r\n\r\n${why}`,
  )
}
