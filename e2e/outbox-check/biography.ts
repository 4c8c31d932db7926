/**
 * Owns what the facts say of each operation: who sent it, what was promised, how it ended. Pure.
 *
 * What was promised: `stored` holds against anything. A tab that lived on, or closed or was reloaded
 * in order, has its lifeboat; but a browser writes localStorage to disk only after a while, so a
 * kill -9 of the browser may take what was in no other place.
 */
import type { ErrorCode } from '../../protocol/errors.js'
import type { Fact, Kind } from './story.js'

export interface Sending {
  /** Index of the fact. */
  readonly at: number
  readonly tab: string
  readonly lane: string
}

export interface Biography {
  readonly key: string
  readonly kind: Kind
  /** More than one: the same key was used again. */
  readonly sendings: readonly Sending[]
  /** The first time that a tab was told so. */
  readonly storedAt: number | undefined
  readonly ackedAs: ReadonlySet<string>
  readonly failures: readonly { readonly code: ErrorCode; readonly wasSent: boolean }[]
  /** The first time that a tab was told that nobody answers it, and that it may send this once more. */
  readonly silentAt: number | undefined
  /** Somebody asked for its discard. */
  readonly wasGivenUp: boolean
  /** Why it must have arrived, or nothing. */
  readonly isOwed: string | undefined
}

export function biographies(facts: readonly Fact[]): ReadonlyMap<string, Biography> {
  const keys = new Set(facts.flatMap((fact) => (fact.fact === 'sent' ? [fact.key] : [])))
  const ends = endings(facts)
  const all = new Map<string, Biography>()
  for (const key of keys) all.set(key, biography(key, facts, ends))
  return all
}

interface Endings {
  readonly ofTab: ReadonlyMap<string, string>
  readonly lastKill: number
}

function endings(facts: readonly Fact[]): Endings {
  const ofTab = new Map<string, string>()
  let lastKill = -1
  for (const [at, fact] of facts.entries()) {
    if (fact.fact === 'tab-ended') ofTab.set(fact.tab, fact.how)
    if (fact.fact === 'browser-killed') lastKill = at
  }
  return { ofTab, lastKill }
}

function biography(key: string, facts: readonly Fact[], ends: Endings): Biography {
  const sendings: Sending[] = []
  const ackedAs = new Set<string>()
  const failures: { code: ErrorCode; wasSent: boolean }[] = []
  let kind: Kind = 'publish'
  let storedAt: number | undefined
  let silentAt: number | undefined
  let wasGivenUp = false
  for (const [at, fact] of facts.entries()) {
    if (!('key' in fact) || fact.key !== key) continue
    if (fact.fact === 'sent') {
      kind = fact.kind
      sendings.push({ at, tab: fact.tab, lane: fact.lane })
    } else if (fact.fact === 'stored') storedAt ??= at
    else if (fact.fact === 'acked') ackedAs.add(fact.id)
    else if (fact.fact === 'failed') {
      failures.push({ code: fact.code, wasSent: fact.wasSent })
      if (fact.code === 'worker-silent') silentAt ??= at
    } else if (fact.fact === 'discard-asked') wasGivenUp = true
  }
  const isSafe = ({ tab, at }: Sending): boolean => {
    const end = ends.ofTab.get(tab)
    const livedOrClosed = end === undefined || end === 'closed' || end === 'reloaded'
    return livedOrClosed && at > ends.lastKill
  }
  const isOwed =
    storedAt !== undefined
      ? 'it was stored'
      : sendings.some(isSafe)
        ? 'its tab lived on or closed in order'
        : undefined
  return { key, kind, sendings, storedAt, silentAt, ackedAs, failures, wasGivenUp, isOwed }
}
