/**
 * Owns broadcast channels in tests: whoever has the name open hears it, in a later turn, and nobody
 * hears himself.
 */
export interface MemoryBuses {
  open(name: string, onMessage: () => void): { post(message: string): void; close(): void }
}

export function createMemoryBuses(): MemoryBuses {
  const members = new Set<{ readonly name: string; onMessage(): void }>()
  return {
    open(name, onMessage) {
      const own = { name, onMessage }
      members.add(own)
      return {
        post() {
          for (const other of members) {
            if (other === own || other.name !== name) continue
            void Promise.resolve().then(() => members.has(other) && other.onMessage())
          }
        },
        close: () => members.delete(own),
      }
    },
  }
}
