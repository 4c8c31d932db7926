/**
 * Owns a plain client for tests over a real socket: it speaks frames and waits for what it is asked
 * to wait for. No reconnect, no outbox: those are the broker's.
 */
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../protocol/version.js'
import type { DownBody, DownFrame, DownType } from '../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../protocol/wire/frames-up.js'

export interface Peer {
  say(...frames: UpFrame[]): void
  raw(message: string | Uint8Array): void
  /** The first frame of this type that fits and has not been waited for. */
  next<Type extends DownType>(
    type: Type,
    fits?: (body: DownBody<Type>) => boolean,
  ): Promise<DownBody<Type>>
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  terminate(): void
}

export interface PeerOptions {
  readonly protocol?: string | undefined
  readonly origin?: string | undefined
}

/** Rejects with the status of the answer when the upgrade is refused. */
export function openPeer(url: string, options: PeerOptions = {}): Promise<Peer> {
  const { protocol = SUBPROTOCOL, origin } = options
  const ws = new WebSocket(
    url,
    protocol === '' ? [] : protocol,
    origin === undefined ? {} : { origin },
  )
  const frames: DownFrame[] = []
  let closeCode: number | undefined
  let look = (): void => {}
  ws.on('message', (message) => {
    frames.push(...(JSON.parse(String(message)) as DownFrame[]))
    look()
  })
  const closed = new Promise<number>((resolve) => {
    ws.on('close', (code) => {
      closeCode = code
      resolve(code)
      look()
    })
  })
  const peer: Peer = {
    closed,
    say: (...said) => ws.send(JSON.stringify(said)),
    raw(message) {
      if (ws.readyState === ws.OPEN) ws.send(message, { binary: typeof message !== 'string' })
    },
    next<Type extends DownType>(type: Type, fits: (body: DownBody<Type>) => boolean = () => true) {
      return new Promise<DownBody<Type>>((resolve, reject) => {
        look = () => {
          const at = frames.findIndex(
            ([sent, body]) => sent === type && fits(body as DownBody<Type>),
          )
          const [frame] = at < 0 ? [] : frames.splice(at, 1)
          if (frame) {
            // Else a frame that comes while nobody waits would be taken for this one, and lost.
            look = () => {}
            resolve(frame[1] as DownBody<Type>)
          } else if (ws.readyState === ws.CLOSED) {
            reject(new Error(`closed (${closeCode}) before ${type} came`))
          }
        }
        look()
      })
    },
    terminate: () => ws.terminate(),
  }
  return new Promise((resolve, reject) => {
    ws.once('open', () => resolve(peer))
    ws.once('error', reject)
    ws.once('unexpected-response', (_, response) => {
      response.resume()
      reject(new Error(`status ${response.statusCode}`))
    })
  })
}

export const helloFrame = (hello: Partial<UpBody<'hello'>> = {}): UpFrame => [
  'hello',
  {
    versions: [1],
    features: [],
    client: 'ann' as UpBody<'hello'>['client'],
    connection: 1,
    channels: [],
    lanes: [],
    credit: 100_000,
    ...hello,
  },
]
