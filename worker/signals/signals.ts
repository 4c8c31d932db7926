/**
 * Owns what is said and not kept: a tab's signal goes to the other tabs here that listen, and to the
 * server for everybody else; what others say goes to all who listen here. At most one in 50 ms, the
 * newest wins, and nothing waits for a line that is down (P14).
 */
import type { News } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock } from '../clock.js'
import { createPace } from '../pace.js'

/** A tab, as signals see it. */
export interface Listener {
  readonly id: string
  push(news: News): void
}

export interface Signals {
  /** Returns its own undo. */
  listen(channel: string, listener: Listener): () => void
  /** Heard by all but the one that says it. */
  say(channel: string, payload: string, by: Listener): void
  heard(frame: DownBody<'signal'>): void
  close(): void
}

export interface SignalsOptions {
  readonly clock: Clock
  /** Whether this server passes signals on. */
  isOffered(): boolean
  /** What others call this browser. */
  self(): string | undefined
  /** The server tells signals to those who have the channel open; returns its own undo. */
  holdChannel(channel: string): () => void
  /** Reaches the server only while it has welcomed us. */
  transmit(frames: readonly UpFrame[]): void
}

const PAUSE_MS = 50
/** The longest payload, in characters: a signal is a hint, and a server need not carry more. */
export const SIGNAL_MAX = 4_096

export function createSignals(options: SignalsOptions): Signals {
  const listeners = new Map<string, Map<Listener, () => void>>()
  const toServer = createPace<string>(options.clock, PAUSE_MS)
  const toTabs = createPace<string>(options.clock, PAUSE_MS)

  function tell(channel: string, news: News, except?: Listener): void {
    for (const listener of listeners.get(channel)?.keys() ?? []) {
      if (listener !== except) listener.push(news)
    }
  }

  return {
    listen(channel, listener) {
      const here = listeners.get(channel) ?? new Map<Listener, () => void>()
      listeners.set(channel, here)
      if (!here.has(listener)) here.set(listener, options.holdChannel(channel))
      return () => {
        here.get(listener)?.()
        here.delete(listener)
        if (here.size === 0 && listeners.get(channel) === here) listeners.delete(channel)
      }
    },

    say(channel, payload, by) {
      if (payload.length > SIGNAL_MAX) return
      // What two tabs say to a third does not displace each other.
      toTabs.call(`${by.id}\n${channel}`, () => {
        const member = options.self()
        const who = member === undefined ? {} : { member }
        tell(channel, { kind: 'signal', channel, payload, ...who }, by)
      })
      toServer.call(channel, () => {
        if (options.isOffered()) options.transmit([['signal', { channel, payload }]])
      })
    },

    heard({ channel, member, payload }) {
      tell(channel, { kind: 'signal', channel, payload, ...(member !== undefined && { member }) })
    },

    close() {
      toServer.close()
      toTabs.close()
    },
  }
}
