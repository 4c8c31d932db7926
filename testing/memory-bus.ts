/**
 * Owns broadcast channels in tests: whoever has the name open hears it, in a later turn, and nobody
 * hears himself.
 */
export interface MemoryBuses {
  open(
    name: string,
    onMessage: (message: string) => void,
  ): { post(message: string): void; close(): void }
}

export function createMemoryBuses(): MemoryBuses {
  const members = new Set<{ readonly name: string; onMessage(message: string): void }>()
  return {
    open(name, onMessage) {
      const own = { name, onMessage }
      members.add(own)
      return {
        post(message) {
          for (const other of members) {
            if (other === own || other.name !== name) continue
            void Promise.resolve().then(() => members.has(other) && other.onMessage(message))
          }
        },
        close: () => members.delete(own),
      }
    },
  }
}
