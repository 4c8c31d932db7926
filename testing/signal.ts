/** Owns a signal that never aborts and knows how many listen to it: whoever is done has let go (P14). */
export function createSignal() {
  const { signal } = new AbortController()
  const runs = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  Object.assign(signal, {
    addEventListener(...given: Parameters<typeof add>) {
      runs.add(given[1])
      add(...given)
    },
    removeEventListener(...given: Parameters<typeof remove>) {
      runs.delete(given[1])
      remove(...given)
    },
  })
  return { signal, listeners: () => runs.size }
}
