/**
 * Owns a client for tests that says bytes, right or wrong, and keeps what it hears as bytes. Of HTTP and
 * WebSocket it knows as much as it takes to write a request and a frame, and to take frames apart.
 */
import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawPeer {
  send(bytes: Uint8Array | string): void
  /** Resolves when what was sent is on its way: the other side may have stopped to read. */
  sent(): Promise<void>
  /** From now on nothing is read. */
  stopReading(): void
  /** Says nothing more, and goes on listening. */
  finish(): void
  readonly heard: Buffer
  /** Resolves with the first bytes, or when the connection has ended without any. */
  readonly answered: Promise<void>
  readonly closed: Promise<void>
  destroy(): void
}

export const UPGRADE =
  'GET /line HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  'Sec-WebSocket-Protocol: partyline.v1\r\n\r\n'

export async function openRaw(port: number): Promise<RawPeer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const chunks: Buffer[] = []
  // To be thrown out is what it is here for.
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => socket.end())
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const first = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  await once(socket, 'connect')
  return {
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    sent: () =>
      new Promise((resolve) => {
        if (!socket.writableNeedDrain) return resolve()
        socket.once('drain', resolve)
        socket.once('close', resolve)
      }),
    stopReading: () => void socket.pause(),
    finish: () => void socket.end(),
    get heard() {
      return Buffer.concat(chunks)
    },
    answered: Promise.race([first, closed]),
    closed,
    destroy: () => void socket.destroy(),
  }
}

export interface RawFrame {
  readonly isLast?: boolean
  readonly reserved?: number
  readonly opcode: number
  readonly isMasked?: boolean
  readonly payload?: Uint8Array | string
  /** The length that its head says. */
  readonly claims?: number
}

export const CONTINUATION = 0
export const TEXT = 1
export const CLOSING = 8
export const PING = 9

const MASK = Buffer.from([1, 2, 3, 4])

export function frameBytes(frame: RawFrame): Buffer {
  const { isLast = true, reserved = 0, opcode, isMasked = true } = frame
  const payload = Buffer.from(frame.payload ?? '')
  const { claims = payload.length } = frame
  const head = Buffer.alloc(claims < 126 ? 2 : claims < 2 ** 16 ? 4 : 10)
  head[0] = (isLast ? 0x80 : 0) | (reserved << 4) | opcode
  if (head.length === 4) head.writeUInt16BE(claims, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(claims), 2)
  const length = head.length === 2 ? claims : head.length === 4 ? 126 : 127
  head[1] = (isMasked ? 0x80 : 0) | length
  if (!isMasked) return Buffer.concat([head, payload])
  const masked = payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0))
  return Buffer.concat([head, MASK, masked])
}

export interface HeardFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** What a server said after its answer to the upgrade. The last may be cut off, and is then left out. */
export function heardFrames(heard: Buffer): readonly HeardFrame[] {
  const frames: HeardFrame[] = []
  let at = heard.indexOf('\r\n\r\n') + 4
  while (at + 2 <= heard.length) {
    const short = heard.readUInt8(at + 1) & 0x7f
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (at + head > heard.length) break
    const length =
      head === 2
        ? short
        : head === 4
          ? heard.readUInt16BE(at + 2)
          : Number(heard.readBigUInt64BE(at + 2))
    const payload = heard.subarray(at + head, at + head + length)
    if (payload.length === length) frames.push({ opcode: heard.readUInt8(at) & 0x0f, payload })
    at += head + length
  }
  return frames
}

/** The code of the closing frame, if one was heard. */
export function closeCodeOf(frames: readonly HeardFrame[]): number | undefined {
  const closing = frames.find(({ opcode }) => opcode === CLOSING)
  return closing?.payload.length ? closing.payload.readUInt16BE(0) : undefined
}
