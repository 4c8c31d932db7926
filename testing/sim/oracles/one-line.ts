/**
 * Owns the watch over P1: at no time are two sockets of one line open. A worker that hangs cannot close
 * its own, and neither can anybody else; so it is not counted, nor until it has had a moment to hear
 * that the line was taken from it.
 */
import type { Complaint } from '../complaint.js'
import type { World } from '../world.js'

const MOMENT_MS = 2_000

export function watchOneLine({ network, scheduler }: World): () => Complaint | undefined {
  const hungAt = new Map<string, number>()

  function isAwake({ name, state }: { name: string; state: string }): boolean {
    if (state === 'hangs') hungAt.set(name, scheduler.now)
    return scheduler.now - (hungAt.get(name) ?? -Infinity) > MOMENT_MS
  }

  return () => {
    const { open } = network
    if (open.length < 2) return undefined
    const lines = new Map<string, string[]>()
    for (const { agent, url } of open) {
      if (!isAwake(agent.thread)) continue
      lines.set(url, [...(lines.get(url) ?? []), agent.thread.name])
    }
    for (const [url, owners] of lines) {
      if (owners.length > 1) {
        return { promise: 'P1', what: 'two-sockets', why: `${url} of ${owners.join(' and ')}` }
      }
    }
    return undefined
  }
}
