/**
 * Owns the watch over P10: a socket on which nothing has come for longer than the gateway's heartbeat allows
 * is given up. A worker that has hung or slept meanwhile is not counted: it was not there to notice.
 */
import type { Complaint } from '../complaint.js'
import { HEARTBEAT } from '../gateway-process.js'
import type { World } from '../world.js'

/** What was on its way when silence began counts as heard, and may take so long. */
const SLACK_MS = 5_500

export function watchSilence({ network, scheduler, browser }: World): () => Complaint | undefined {
  const allowedMs = HEARTBEAT.intervalMs + HEARTBEAT.timeoutMs + SLACK_MS
  let since: number | undefined
  const hung = new Set<string>()
  const early = new Set<object>()

  return () => {
    const { now } = scheduler
    if (network.reach !== 'silent') {
      since = undefined
      return undefined
    }
    if (since === undefined) {
      since = now
      hung.clear()
      early.clear()
      for (const wire of network.open) if (wire.isWelcome) early.add(wire)
    }
    for (const { agent } of browser.workers) {
      if (agent.thread.state === 'hangs') hung.add(agent.thread.name)
    }
    const lateMs = now - since - allowedMs
    if (lateMs <= 0) return undefined
    const deaf = network.open.find((wire) => early.has(wire) && !hung.has(wire.agent.thread.name))
    const name = deaf?.agent.thread.name
    return deaf && { promise: 'P10', what: 'half-open', why: `${name} is late by ${lateMs} ms` }
  }
}
