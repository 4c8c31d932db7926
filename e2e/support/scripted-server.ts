/**
 * Owns a WebSocket server without manners: it says exactly what the spec's script tells it to, frames
 * or garbage, to the real worker in the real browser.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  type DownFrame,
  decodeUp,
  encode,
  SUBPROTOCOL,
  type UpFrame,
} from '../../protocol/index.js'

export interface Peer {
  say(...frames: DownFrame[]): void
  /** Text or bytes as they are. */
  send(message: string | Uint8Array): void
  /** Ends the connection, after what was said. */
  hangUp(): void
}

/** Called for every frame of a connection, in order. */
export type Script = (frame: UpFrame, peer: Peer) => void

export interface ScriptedServer {
  readonly url: string
  /** Connections since the start. */
  readonly connections: number
  /** What connections from now on meet; open ones keep theirs. */
  play(script: Script): void
  close(): Promise<void>
}

const READS_UP_TO = 32 * 1024 * 1024

export async function createScriptedServer(): Promise<ScriptedServer> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => SUBPROTOCOL,
  })
  await once(server, 'listening')
  let connections = 0
  let script: Script = () => {}

  server.on('connection', (socket) => {
    connections += 1
    run(socket, script)
  })

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections
    },
    play(next) {
      script = next
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

function run(socket: WebSocket, script: Script): void {
  const peer: Peer = {
    say: (...frames) => socket.send(encode(frames)),
    send: (message) => socket.send(message),
    hangUp: () => socket.close(),
  }
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const decoded = decodeUp(data.toString(), READS_UP_TO)
    if (!decoded.ok) throw new Error(`the worker broke the protocol: ${decoded.violation.why}`)
    for (const frame of decoded.frames) script(frame, peer)
  })
}
