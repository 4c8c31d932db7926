/**
 * Owns broadcast channels in tests: whoever has the name open hears it, in a later turn, and nobody
 * hears himself. Every listener gets a copy of his own, and a closed channel refuses to post.
 */
import type { OpenBroadcast } from '../protocol/hub.js'

export interface MemoryBuses {
  readonly open: OpenBroadcast
}

export function createMemoryBuses(): MemoryBuses {
  const members = new Set<{ readonly name: string; onMessage(message: unknown): void }>()
  return {
    open(name, onMessage) {
      const own = { name, onMessage }
      members.add(own)
      return {
        post(message) {
          if (!members.has(own)) throw new DOMException('it is closed', 'InvalidStateError')
          for (const other of members) {
            if (other === own || other.name !== name) continue
            const copy = structuredClone(message)
            void Promise.resolve().then(() => members.has(other) && other.onMessage(copy))
          }
        },
        close: () => void members.delete(own),
      }
    },
  }
}
