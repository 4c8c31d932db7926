/**
 * Owns the seam between `ws` and a session's idea of a socket. A message that goes to many sockets is
 * turned into bytes once: the hub gives all of them the same string, one after the other.
 */
import type { WebSocket } from 'ws'
import type { Socket } from './environment.js'

export type ToSocket = (ws: WebSocket) => Socket

/** A close frame has room for 123 bytes of reason. */
const REASON_MAX = 123

export function createToSocket(): ToSocket {
  let lastText = ''
  let lastBytes = Buffer.alloc(0)

  function bytesOf(text: string): Buffer {
    if (text !== lastText) {
      lastText = text
      lastBytes = Buffer.from(text)
    }
    return lastBytes
  }

  return (ws) => ({
    send(text) {
      if (ws.readyState === ws.OPEN) ws.send(bytesOf(text), { binary: false })
    },
    close(code, why) {
      if (ws.readyState === ws.OPEN) ws.close(code, cut(why))
    },
    terminate: () => ws.terminate(),
    buffered: () => ws.bufferedAmount,
  })
}

/** A character cut in half at the end is left out. */
const cut = (why: string): string =>
  Buffer.from(why)
    .subarray(0, REASON_MAX)
    .toString()
    .replace(/\ufffd+$/, '')
