/**
 * Owns the watch over P11 in a single worker: who was sent away comes back when the server has said, and
 * to a server that wants nobody not at all, unless somebody has asked. A disk that turns up makes the
 * line begin anew, so runs in which it failed are not looked at.
 */
import { CLOSE } from '../../../protocol/wire/close-codes.js'
import type { Complaint } from '../complaint.js'
import type { Told } from '../network.js'
import type { World } from '../world.js'

/** A tab that comes, or says what a person wants; what comes over a bus may be either. Or a sync that a page asked for. */
const ASKED = /^bus|^connect|^sync$|: (hello|reconnect|pause|resume)$/

export function watchPatience(world: World): () => Complaint | undefined {
  const { network, scheduler, records, browser } = world
  /** Farewells after which somebody has asked. */
  const over = new Set<Told>()

  return () => {
    const { thread, what = '' } = scheduler.trace.at(-1) ?? {}
    for (const { agent } of ASKED.test(what) ? browser.workers : []) {
      const told = network.farewells.get(agent)
      if (told && agent.thread.name === thread) over.add(told)
    }
    for (const { agent, number, begun } of network.open) {
      const told = network.farewells.get(agent)
      if (!told || over.has(told) || number <= told.number || records.isDiskDoubtful) continue
      if (begun >= told.at + waitOf(told)) continue
      const ago = (begun - told.at).toFixed()
      const why = `${agent.thread.name} was told ${told.code} and ${told.after} ms, ${ago} ms ago`
      return { promise: 'P11', what: 'too-soon', why }
    }
    return undefined
  }
}

function waitOf({ code, after }: Told): number {
  if (code === CLOSE.forbidden || code === CLOSE.policy) return Infinity
  // With another token it may come at once.
  return code === CLOSE.unauthorized ? 0 : after
}
