/**
 * Owns what Comlink takes for a port where there is only a channel with one reader at the other end
 * (hub.ts). A port that is closed swallows what is posted, as a MessagePort does and a
 * BroadcastChannel does not: Comlink says farewell after the end, and answers who has gone.
 */

/** What Comlink asks of a port; it listens for messages only, and with functions only. */
export interface ChannelPort {
  postMessage(message: unknown): void
  addEventListener(type: string, listener: unknown): void
  removeEventListener(type: string, listener: unknown): void
  /** A message has come. */
  deliver(data: unknown): void
  close(): void
}

export function createChannelPort(
  post: (message: unknown) => void,
  onClose: () => void,
): ChannelPort {
  const listeners = new Set<unknown>()
  let isClosed = false
  return {
    postMessage(message) {
      if (!isClosed) post(message)
    },
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
    deliver(data) {
      for (const listener of [...listeners]) {
        if (!isClosed && typeof listener === 'function') listener({ data })
      }
    },
    close() {
      if (isClosed) return
      isClosed = true
      listeners.clear()
      onClose()
    },
  }
}
