/**
 * Owns the signals of this tab: said and forgotten. The broker is told of a channel while at least one
 * handler listens; a handler that throws touches no other.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { News } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { SignalHandler } from './api.js'
import { toShortText } from './ephemeral.js'
import { guarded } from './guarded.js'
import type { RemoteBroker } from './remote-broker.js'

export interface Signals {
  send(channel: string, payload: unknown): void
  on(channel: string, handler: SignalHandler<never>): () => void
  /** For a broker that does not know us yet. */
  listening(): readonly string[]
  take(news: Extract<News, { kind: 'signal' }>): void
  clear(): void
}

export interface SignalsOptions {
  broker(): Pick<RemoteBroker, 'signal' | 'listen'> | undefined
  onError(error: ErrorInfo, cause: unknown): void
}

interface Listener {
  readonly handler: SignalHandler<never>
}

export function createSignals({ broker, onError }: SignalsOptions): Signals {
  const channels = new Map<string, Set<Listener>>()

  return {
    send(channel, payload) {
      void broker()?.signal(channel, toShortText(payload))
    },
    on(channel, handler) {
      const listener = { handler }
      const listeners = channels.get(channel) ?? new Set()
      listeners.add(listener)
      if (listeners.size === 1) {
        channels.set(channel, listeners)
        void broker()?.listen(channel, true)
      }
      return () => {
        if (!listeners.delete(listener) || listeners.size) return
        channels.delete(channel)
        void broker()?.listen(channel, false)
      }
    },
    listening: () => [...channels.keys()],
    take({ channel, payload, member }) {
      const listeners = channels.get(channel) ?? new Set()
      const from = { channel, ...(member !== undefined && { member }) }
      for (const listener of [...listeners]) {
        if (!listeners.has(listener)) continue
        guarded(
          // Each has a copy of its own to keep.
          () => listener.handler(JSON.parse(payload) as never, from),
          (cause) => onError(pageError('bad-signal', { channel }), cause),
        )
      }
    },
    clear() {
      for (const listeners of channels.values()) listeners.clear()
      channels.clear()
    },
  }
}
