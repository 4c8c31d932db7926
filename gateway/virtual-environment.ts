/**
 * Owns the world in which tests play a gateway: a clock that stands until it is told to go on, ids
 * that can be foreseen, a socket that remembers. Nothing here waits for real time.
 */
import type { DownBody, DownFrame, DownType } from '../protocol/wire/frames-down.js'
import type { Clock, Random, Socket } from './environment.js'

export interface VirtualClock extends Clock {
  /** Runs what falls due, in order. */
  advance(ms: number): Promise<void>
  readonly timers: number
}

/** Resolves when all that could happen without time passing has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export function createVirtualClock(): VirtualClock {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    now: () => now,
    wall: () => 1_700_000_000_000 + now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const end = now + ms
      await settled()
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.run()
        await settled()
      }
      now = end
    },
    get timers() {
      return timers.size
    },
  }
}

export function createVirtualRandom(): Random & { rolls: number[] } {
  let ids = 0
  const random = {
    /** What the next rolls show; then 0.5. */
    rolls: [] as number[],
    roll: () => random.rolls.shift() ?? 0.5,
    newId: () => `id-${++ids}`,
  }
  return random
}

export interface VirtualSocket extends Socket {
  /** Every frame that was sent, in order. */
  readonly frames: DownFrame[]
  /** Messages, as they went out. */
  readonly messages: string[]
  /** How it ended; the code 1006 for a termination. */
  end: readonly [code: number, why: string] | undefined
  unsent: number
  /** What each message adds to it: the peer reads nothing. */
  fillsBy: number
  bodies<Type extends DownType>(type: Type): DownBody<Type>[]
}

export function createVirtualSocket(onEnd: (code: number) => void): VirtualSocket {
  const finish = (code: number, why: string): void => {
    if (socket.end) throw new Error(`closed twice: ${socket.end} and ${code} ${why}`)
    socket.end = [code, why]
    onEnd(code)
  }
  const socket: VirtualSocket = {
    frames: [],
    messages: [],
    end: undefined,
    unsent: 0,
    fillsBy: 0,
    send(text) {
      if (socket.end) throw new Error(`sent after the close: ${text}`)
      socket.unsent += socket.fillsBy
      socket.messages.push(text)
      socket.frames.push(...(JSON.parse(text) as DownFrame[]))
    },
    close: finish,
    terminate: () => finish(1006, ''),
    buffered: () => socket.unsent,
    bodies: <Type extends DownType>(type: Type) =>
      socket.frames.filter(([sent]) => sent === type).map(([, body]) => body as DownBody<Type>),
  }
  return socket
}
