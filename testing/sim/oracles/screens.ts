/**
 * Owns the watch over what two tabs show at once (P9): tabs that are online and awake, under workers that
 * are too, do not go on showing different things. How long a change takes to get around is the weather's.
 * A tab that finds an offer late, because it slept or its clock jumped, takes nothing for a while (P8).
 * Where each page has a broker of its own, and between two people, nothing has to agree.
 */
import { OFFER_MS } from '../../../protocol/port.js'
import type { Complaint } from '../complaint.js'
import type { World } from '../world.js'

/** Far beyond the slowest port; short of the next heartbeat, with which every status is told anew. */
const DIFFERENT_MS = 2_500
const DROWSY_MS = OFFER_MS + 2_000

export function watchScreens({
  apps,
  scheduler,
  browser,
  records,
}: World): () => Complaint | undefined {
  const since = new Map<string, number>()
  const sleptAt = new Map<string, number>()
  let wereRunning = ''

  return () => {
    if (apps.length < 2 || records.isClockDoubtful || records.isEachAlone) return undefined
    const { now } = scheduler
    const running = browser.workers.map(({ agent: { thread } }) => `${thread.name} ${thread.state}`)
    const are = running.join()
    if (are !== wereRunning || are.includes('hangs')) since.clear()
    wereRunning = are
    const seen = apps.flatMap(({ tab, home }) => {
      const { state, queued, tabs } = tab.line.status.value
      if (tab.state !== 'here') sleptAt.set(tab.name, now)
      const isAwake = now - (sleptAt.get(tab.name) ?? -Infinity) > DROWSY_MS
      const isUp = isAwake && state === 'online'
      if (!isUp) since.delete(tab.name)
      return isUp ? [{ home, name: tab.name, sees: `${queued} queued, ${tabs} tabs` }] : []
    })
    for (const { home, name, sees } of seen) {
      const first = seen.find((one) => one.home === home)
      if (sees === first?.sees) since.delete(name)
      else if (!since.has(name)) since.set(name, now)
      const why = `${name} sees ${sees}, ${first?.name} sees ${first?.sees}`
      if (now - (since.get(name) ?? now) > DIFFERENT_MS)
        return { promise: 'P9', what: 'stale', why }
    }
    return undefined
  }
}
