/**
 * Owns the verdict on a session (P6, P7): every subscription, from its position, was told each event of
 * the channel once and in order, or of a gap and then a snapshot that covers it; and those that still
 * read have reached the head. A pure function of the story.
 */
import { createMemory } from './memory.js'
import { createReader, type Fault, type Reader } from './reader.js'
import { BEGINNING, type Fact, type LogEntry, type Story, type SubscriptionFact } from './story.js'

export interface Complaint {
  readonly what: Fault | 'error' | 'broken'
  readonly subscription?: string
  readonly why: string
}

export interface Verdict {
  readonly subscriptions: number
  readonly events: number
  readonly gaps: number
  readonly snapshots: number
  readonly complaints: readonly Complaint[]
}

/** A snapshot may fail while the line is down; a page that goes may leave something unstored. */
const EXPECTED_ERRORS: readonly string[] = ['no-snapshot', 'no-lifeboat']

export function judge({ facts, logs }: Story): Verdict {
  const complaints: Complaint[] = []
  const readers = new Map<string, { readonly reader: Reader; readonly tab: string }>()
  const places = new Map([...logs].map(([channel, log]) => [channel, placesOf(log)]))
  const placeOf = (channel: string, id: string): number | undefined =>
    // Whoever names no event stands before the first.
    id === BEGINNING || id === '' ? 0 : places.get(channel)?.get(id)
  const memory = createMemory(facts, placeOf)
  const count = (what: Fact['fact']): number => facts.filter(({ fact }) => fact === what).length

  let now = 0

  function begin(fact: SubscriptionFact & { readonly fact: 'subscribed' }): void {
    const { channel, subscription, tab, from } = fact
    const reader = createReader(fact, {
      log: logs.get(channel) ?? [],
      trimmedTo: trimmedTo(channel),
      // What others see until the broker hears of it counts too.
      latestStart: () => (from === 'last' ? memory.before(now, channel) : undefined),
      placeOf: (id) => placeOf(channel, id),
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

  for (const [index, fact] of facts.entries()) {
    now = index
    if (fact.fact === 'subscribed') begin(fact)
    else if ('subscription' in fact) readers.get(fact.subscription)?.reader.hear(fact)
    else if (fact.fact === 'error' && !EXPECTED_ERRORS.includes(fact.code)) {
      complaints.push({ what: 'error', why: `${fact.tab} was told ${fact.code}` })
    } else if (fact.fact === 'tab-ended') {
      for (const [name, { tab }] of readers) if (tab === fact.tab) readers.delete(name)
    }
  }
  const subscriptions = count('subscribed')
  for (const { reader } of readers.values()) reader.ended()
  const [events, gaps, snapshots] = [count('event'), count('gap'), count('snapshot')]
  return { subscriptions, events, gaps, snapshots, complaints }
}

function placesOf(log: readonly LogEntry[]): ReadonlyMap<string, number> {
  return new Map(log.map(({ id }, index) => [id, index + 1]))
}
