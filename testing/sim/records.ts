/**
 * Owns what is on record of one run: the facts for both judges, in the order in which they happened, and
 * all that the channels ever had. The gateway's log may forget; this does not.
 */

import type { History, Fact as InboxFact, LogEntry } from '../../e2e/inbox-check/story.js'
import { idIn } from '../../e2e/inbox-check/story.js'
import type { LogEntry as OutboxEntry, Fact as OutboxFact } from '../../e2e/outbox-check/story.js'
import type { Log } from '../../gateway/log/log.js'
import type { Complaint } from './complaint.js'
import { factInWords } from './words.js'

export interface Records {
  /** The story in words: what was done, and what apps did and were told. */
  readonly chronicle: readonly string[]
  tell(what: string): void
  /** Found at once, by whoever was there. */
  readonly complaints: readonly Complaint[]
  complain(complaint: Complaint): void
  /** The disk has failed in this run: what was not stored is not promised to be anywhere. */
  isDiskDoubtful: boolean
  /** A worker could not read it, and may have begun another life in memory: its order is another one. */
  isDiskUnread: boolean
  /** The wall clock has jumped in this run: what was to live for a while may have ended sooner. */
  isClockDoubtful: boolean
  /** Each page has a broker of its own: nothing is in common, and nothing outlives it but the lifeboat. */
  isEachAlone: boolean
  /** A worker was killed, or hung: where each page is alone, the one after it is another client. */
  isWorkerHurt: boolean
  /** Discarded by a sign-out that not every tab can have heard of. */
  readonly halfDiscarded: Set<string>
  now(): number
  outbox(fact: OutboxFact): void
  inbox(fact: InboxFact): void
  /** Somebody wants nothing more to be done of all these. */
  givenUp(tab: string, keys: readonly string[]): void
  readonly outboxFacts: readonly OutboxFact[]
  readonly inboxFacts: readonly InboxFact[]
  /** What operations came to, in the order in which they took effect, one log after the other. */
  readonly effects: readonly (readonly OutboxEntry[])[]
  logs(): ReadonlyMap<string, readonly History[]>
  /** The places of a channel so far, oldest first, in the log that is there now. */
  places(channel: string): readonly string[]
  /** The event of a channel that a consumer was last done with, or the end of a gap that it was told of. */
  handled(channel: string): string | undefined
  /** There is another log, with these channels. */
  watch(log: Log, channels: readonly string[]): Promise<void>
}

interface Payload {
  readonly key?: string
  readonly lane?: string
}

export function createRecords(now: () => number): Records {
  const outboxFacts: OutboxFact[] = []
  const inboxFacts: InboxFact[] = []
  const effects: OutboxEntry[][] = []
  const histories = new Map<string, { readonly epoch: string; readonly entries: LogEntry[] }[]>()

  const chronicle: string[] = []
  const complaints: Complaint[] = []
  const handled = new Map<string, string>()

  function tell(what: string): void {
    chronicle.push(`${(now() / 1000).toFixed(3)} ${what}`)
  }

  return {
    chronicle,
    isDiskDoubtful: false,
    isDiskUnread: false,
    isClockDoubtful: false,
    isEachAlone: false,
    isWorkerHurt: false,
    halfDiscarded: new Set(),
    now,
    complaints,
    complain: (complaint) => void complaints.push(complaint),
    tell,
    outbox(fact) {
      outboxFacts.push(fact)
      tell(factInWords(fact))
    },
    inbox(fact) {
      inboxFacts.push({ ...fact, atMs: now() })
      if ('consumer' in fact && 'id' in fact) handled.set(fact.channel, fact.id)
      tell(factInWords(fact))
    },
    givenUp(tab, keys) {
      for (const key of keys) outboxFacts.push({ fact: 'discard-asked', tab, key })
    },
    outboxFacts,
    inboxFacts,
    effects,
    logs: () => histories,
    places: (channel) => (histories.get(channel)?.at(-1)?.entries ?? []).map(({ id }) => id),
    handled: (channel) => handled.get(channel),
    async watch(log, channels) {
      const ownEffects: OutboxEntry[] = []
      effects.push(ownEffects)
      for (const channel of channels) {
        const { epoch } = await log.position(channel)
        const own = { epoch: String(epoch), entries: [] as LogEntry[] }
        histories.set(channel, [...(histories.get(channel) ?? []), own])
        await log.follow(channel, (stretch) => {
          for (const [id, text] of stretch.events) {
            const payload = JSON.parse(text) as Payload | string
            own.entries.push({ id: idIn(stretch.epoch, id), payload })
            const { key, lane }: Payload = typeof payload === 'string' ? {} : payload
            if (key !== undefined && lane !== undefined) ownEffects.push({ id, key, lane })
          }
        })
      }
    },
  }
}
