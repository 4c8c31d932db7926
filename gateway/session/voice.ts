/**
 * Owns what a connection says: frames of one turn share a message, acks of one lane share a frame, and
 * order is kept (an ack never overtakes a nack before it). It watches the bytes that pile up unsent:
 * over the hard limit the connection is too slow (P14, F44).
 */
import { encode } from '../../protocol/wire/codec.js'
import type { DownBody, DownFrame } from '../../protocol/wire/frames-down.js'
import type { Socket } from '../environment.js'

export interface Voice {
  say(frame: DownFrame): void
  ack(lane: string, epoch: number, seq: number, result?: string): void
  /** A whole message, made elsewhere. */
  text(message: string): void
  flush(): void
  close(): void
}

export interface VoiceOptions {
  readonly socket: Socket
  readonly bufferedHard: number
  /** About how many characters one message may have. */
  readonly messageChars: number
  readonly onTooSlow: () => void
}

type Ack = { -readonly [Field in keyof DownBody<'ack'>]: DownBody<'ack'>[Field] }

export function createVoice({
  socket,
  bufferedHard,
  messageChars,
  onTooSlow,
}: VoiceOptions): Voice {
  let waiting: DownFrame[] = []
  let acks = new Map<string, Ack>()
  let isClosed = false

  function push(frame: DownFrame): void {
    if (isClosed) return
    if (!waiting.length) queueMicrotask(flush)
    waiting.push(frame)
  }

  function send(message: string): void {
    if (isClosed) return
    socket.send(message)
    if (socket.buffered() > bufferedHard) onTooSlow()
  }

  function flush(): void {
    const frames = waiting
    waiting = []
    acks = new Map()
    let part: string[] = []
    let chars = 0
    const end = (): void => {
      if (part.length) send(`[${part.join(',')}]`)
      part = []
      chars = 0
    }
    for (const frame of frames) {
      const text = encode([frame]).slice(1, -1)
      if (chars + text.length > messageChars) end()
      part.push(text)
      chars += text.length
    }
    end()
  }

  return {
    say(frame) {
      if (frame[0] === 'nack') acks.delete(frame[1].lane)
      push(frame)
    },
    ack(lane, epoch, seq, result) {
      let ack = acks.get(lane)
      const size = ack?.results?.reduce((sum, [, text]) => sum + text.length, 0) ?? 0
      if (!ack || ack.epoch !== epoch || seq < ack.seq || size > messageChars) {
        ack = { lane, epoch, seq }
        acks.set(lane, ack)
        push(['ack', ack])
      }
      ack.seq = seq
      if (result === undefined) return
      ack.results ??= []
      ack.results.push([seq, result])
    },
    text(message) {
      flush()
      send(message)
    },
    flush,
    close() {
      isClosed = true
    },
  }
}
