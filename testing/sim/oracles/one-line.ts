/**
 * Owns the watch over P1: at no time are two sockets of one line open. A worker that hangs cannot close
 * its own, and neither can anybody else; so it is not counted, nor until it has had a moment to hear
 * that the line was taken from it. Where each page has a broker of its own, each has a line of its own.
 */
import type { Complaint } from '../complaint.js'
import type { World } from '../world.js'

const MOMENT_MS = 2_000

export function watchOneLine({
  network,
  scheduler,
  browser,
  records,
}: World): () => Complaint | undefined {
  const hungAt = new Map<string, number>()

  return () => {
    for (const { agent } of browser.workers) {
      const { name, state } = agent.thread
      if (state === 'hangs') hungAt.set(name, scheduler.now)
    }
    const lineOf = new Map(browser.workers.map(({ name, agent }) => [agent, personOf(name)]))
    const lines = new Map<string, string[]>()
    for (const { agent, url } of network.open) {
      const { name } = agent.thread
      const isAwake = scheduler.now - (hungAt.get(name) ?? -Infinity) > MOMENT_MS
      const owner = lineOf.get(agent) ?? ''
      const line = records.isEachAlone ? `${url} of ${name}` : `${url} ${owner}`
      if (isAwake) lines.set(line, [...(lines.get(line) ?? []), name])
    }
    for (const [url, owners] of lines) {
      if (owners.length > 1) {
        return { promise: 'P1', what: 'two-sockets', why: `${url} of ${owners.join(' and ')}` }
      }
    }
    return undefined
  }
}

/** Of the line whose name a worker's begins with, the identity: the last word of its address. */
const personOf = (worker: string): string => /^partyline:\[.*?\]/.exec(worker)?.[0] ?? ''
