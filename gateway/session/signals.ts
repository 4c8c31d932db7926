/**
 * Owns the signals of one connection, both ways. Out they go to the others in the channel, in order; in
 * they are heard while there is room. A signal is worth nothing later: whatever is in its way, it is
 * dropped and counted, never kept, never answered, and no reason to end anything (P14).
 */
import { encode } from '../../protocol/wire/codec.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import type { Socket } from '../environment.js'
import { isJson } from '../operations/json.js'
import type { Permit } from './permit.js'
import { createRate } from './rate.js'
import type { Voice } from './voice.js'
import type { Wiring } from './wiring.js'

export interface Signals {
  send(signal: UpBody<'signal'>): void
  /** From now on the channel is heard; returns the way out. */
  hear(channel: string): () => void
  close(): void
}

export interface SignalsOptions {
  readonly wiring: Wiring
  readonly permit: Permit
  readonly member: string
  readonly socket: Socket
  readonly voice: Voice
  /** The client understands a signal. */
  readonly mayHear: boolean
}

const nothing = (): void => undefined

export function createSignals(options: SignalsOptions): Signals {
  const { wiring, permit, member, socket, voice, mayHear } = options
  const { clock, counters, fan, limits } = wiring
  const mayMore = createRate(clock, limits.signalsPerSecond, limits.signalBurst)
  /** The app is asked about one after the other, so that it cannot change their order. */
  let queue: Promise<void> = Promise.resolve()
  let waiting = 0
  let isClosed = false

  function hearing(message: string): void {
    if (socket.buffered() <= limits.bufferedSoft) voice.text(message)
  }

  function isFit({ payload }: UpBody<'signal'>): boolean {
    return waiting < limits.signalBurst && payload.length <= limits.signal && isJson(payload)
  }

  async function pass({ channel, payload }: UpBody<'signal'>): Promise<boolean> {
    if (isClosed || (await permit({ action: 'signal', channel })) || isClosed) return false
    counters.signals += 1
    fan.send(channel, encode([['signal', { channel, member, payload }]]), hearing)
    return true
  }

  const drop = (): void => {
    counters.signalsDropped += 1
  }

  return {
    send(signal) {
      if (!mayMore() || !isFit(signal)) return drop()
      waiting += 1
      queue = queue
        .then(() => pass(signal))
        .then((isPassed) => (isPassed ? undefined : drop()), drop)
        .finally(() => {
          waiting -= 1
        })
    },
    hear: (channel) => (mayHear ? fan.join(channel, hearing) : nothing),
    close() {
      isClosed = true
    },
  }
}
