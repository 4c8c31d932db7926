/**
 * Owns who hears the signals of a channel in this process. Nothing is kept: whoever is not there does
 * not hear it, and whether a connection has room for it is that connection's business (P14).
 */
export interface SignalFan {
  /** A listener is in a channel once. */
  join(channel: string, listener: SignalListener): () => void
  /** To everybody in the channel but the one who says it. */
  send(channel: string, message: string, except: SignalListener): void
}

/** Is given a whole WebSocket message. */
export type SignalListener = (message: string) => void

export function createSignalFan(): SignalFan {
  const channels = new Map<string, Set<SignalListener>>()
  return {
    join(channel, listener) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (!listeners.size && channels.get(channel) === listeners) channels.delete(channel)
      }
    },
    send(channel, message, except) {
      for (const listener of [...(channels.get(channel) ?? [])]) {
        if (listener !== except) listener(message)
      }
    },
  }
}
