/**
 * Owns the verdict on a session (P6, P7, P8): every subscription, from its position, was told each event
 * of the channel once and in order, or of a gap and then a snapshot that covers it; every consumer
 * handled each of them; and those that still read or consume have reached the head. A pure function of
 * the story.
 */
import { createHandling, type Handling, type HandlingFault } from './handling.js'
import { createMemory } from './memory.js'
import { createReader, type Fault, type Reader } from './reader.js'
import type { Fact, Story, SubscriptionFact, TurnFact } from './story.js'
import { createTimeline, type Timeline } from './timeline.js'

export interface Complaint {
  readonly what: Fault | HandlingFault | 'error' | 'broken'
  /** Or which consumer. */
  readonly subscription?: string
  readonly why: string
}

export interface Verdict {
  readonly subscriptions: number
  readonly events: number
  readonly gaps: number
  readonly snapshots: number
  /** Events that a consumer has begun, and those that it had to begin again. */
  readonly begun: number
  readonly begunAgain: number
  readonly complaints: readonly Complaint[]
}

export const NO_VERDICT: Omit<Verdict, 'complaints'> = {
  subscriptions: 0,
  events: 0,
  gaps: 0,
  snapshots: 0,
  begun: 0,
  begunAgain: 0,
}

/**
 * A snapshot may fail while the line is down; a page that goes may leave something unstored; a handler
 * fails as it was told to.
 */
const EXPECTED_ERRORS: readonly string[] = ['no-snapshot', 'no-lifeboat', 'failed']

interface Company {
  readonly handling: Handling
  readonly channel: string
  readonly consumer: string
  readonly tabs: Set<string>
}

export function judge({ facts, logs }: Story): Verdict {
  const complaints: Complaint[] = []
  const readers = new Map<string, { readonly reader: Reader; readonly tab: string }>()
  const companies = new Map<string, Company>()
  const timelines = new Map([...logs].map(([channel, log]) => [channel, createTimeline(log)]))
  const timelineOf = (channel: string): Timeline => timelines.get(channel) ?? createTimeline([])
  const placeOf = (channel: string, id: string): number | undefined =>
    timelineOf(channel).placeOf(id)
  const memory = createMemory(facts, placeOf)
  const isDenied = facts.some(({ fact }) => fact === 'denied')
  const count = (what: Fact['fact']): number => facts.filter(({ fact }) => fact === what).length

  let now = 0

  function begin(fact: SubscriptionFact & { readonly fact: 'subscribed' }): void {
    const { channel, subscription, tab, from } = fact
    const isKnown = from === 'last' && memory.before(now, channel) !== undefined
    const reader = createReader(fact, {
      timeline: timelineOf(channel),
      trimmedTo: trimmedTo(channel),
      // What others see until the broker hears of it counts too.
      latestStart: () => (isKnown ? memory.before(now, channel) : undefined),
      onFault: (what, why) => void complaints.push({ what, subscription, why }),
    })
    readers.set(subscription, { reader, tab })
  }

  function trimmedTo(channel: string): number {
    const trims = facts.flatMap((fact) =>
      fact.fact === 'trimmed' && fact.channel === channel ? (placeOf(channel, fact.upTo) ?? 0) : 0,
    )
    return Math.max(0, ...trims)
  }

  function companyOf({ channel, consumer }: TurnFact): Company {
    const name = `${consumer} of ${channel}`
    const known = companies.get(name)
    if (known) return known
    const handling = createHandling({
      timeline: timelineOf(channel),
      trimmedTo: trimmedTo(channel),
      onFault: (what, why) => void complaints.push({ what, subscription: name, why }),
    })
    const company = { handling, channel, consumer, tabs: new Set<string>() }
    companies.set(name, company)
    return company
  }

  function happened(fact: Fact): void {
    const all = [...companies.values()]
    switch (fact.fact) {
      case 'error': {
        const isExpected =
          EXPECTED_ERRORS.includes(fact.code) || (isDenied && fact.code === 'denied')
        if (!isExpected)
          complaints.push({ what: 'error', why: `${fact.tab} was told ${fact.code}` })
        return
      }
      case 'worker-killed':
        for (const { handling } of all) handling.interrupted(fact.atMs)
        return
      case 'tab-goes':
        for (const { handling } of all) handling.goes(fact.tab)
        return
      case 'tab-back':
        for (const { handling } of all) handling.back(fact.tab, fact.atMs)
        return
      case 'tab-ended':
        for (const [name, { tab }] of readers) if (tab === fact.tab) readers.delete(name)
        for (const { handling, tabs } of all) {
          handling.goes(fact.tab)
          tabs.delete(fact.tab)
        }
    }
  }

  for (const [index, fact] of facts.entries()) {
    now = index
    if (fact.fact === 'subscribed') begin(fact)
    else if ('subscription' in fact) readers.get(fact.subscription)?.reader.hear(fact)
    else if ('consumer' in fact) {
      const { handling, tabs } = companyOf(fact)
      if (fact.fact === 'consuming') tabs.add(fact.tab)
      handling.hear(fact.tab, fact, fact.atMs)
    } else happened(fact)
  }
  for (const { reader } of readers.values()) reader.ended()
  const parked = facts.flatMap((fact) => (fact.fact === 'parked' ? fact.events : []))
  for (const { handling, channel, consumer, tabs } of companies.values()) {
    const own = parked.filter((one) => one.channel === channel && one.consumer === consumer)
    handling.ended(
      tabs.size > 0,
      own.map(({ id }) => id),
    )
  }
  const begun = count('begun')
  const first = new Set(
    facts.flatMap((one) =>
      one.fact === 'begun' ? [`${one.consumer} ${one.channel} ${one.id}`] : [],
    ),
  )
  return {
    subscriptions: count('subscribed'),
    events: count('event'),
    gaps: count('gap'),
    snapshots: count('snapshot'),
    begun,
    begunAgain: begun - first.size,
    complaints,
  }
}
