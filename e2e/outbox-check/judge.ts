/**
 * Owns the verdict on a session: no loss (P2), no second effect (P3), no reordering (P4), no silent
 * or double fate (P5). A pure function of the story.
 */
import type { ErrorCode } from '../../protocol/errors.js'
import { type Biography, biographies } from './biography.js'
import { disorders } from './order.js'
import type { LogEntry, Story } from './story.js'

export interface Complaint {
  readonly what:
    | 'loss'
    | 'double'
    | 'reordering'
    /** Ended without an effect, it is said, and is in the log. */
    | 'ghost'
    /** Neither an effect nor an outcome that anybody could see. */
    | 'silent-fate'
    /** Two outcomes, or one that the log contradicts. */
    | 'contradiction'
    /** In the log, and sent by nobody. */
    | 'stranger'
    | 'stuck'
  readonly key?: string
  readonly why: string
}

export interface Verdict {
  readonly operations: number
  readonly arrived: number
  /** Not in the log, and nobody promised that they would be. */
  readonly excused: number
  readonly complaints: readonly Complaint[]
}

/** Such an outcome says that there was no effect and will be none. */
const WITHOUT_EFFECT: readonly ErrorCode[] = [
  'rejected',
  'expired',
  'discarded',
  'outbox-full',
  'too-large',
]

export function judge(story: Story): Verdict {
  const complaints: Complaint[] = []
  const entries = new Map<string, LogEntry[]>()
  for (const entry of story.log) {
    entries.set(entry.key, [...(entries.get(entry.key) ?? []), entry])
  }
  const operations = biographies(story.facts)
  let excused = 0

  for (const operation of operations.values()) {
    const own = entries.get(operation.key) ?? []
    const found = complaintsAbout(operation, own)
    complaints.push(...found)
    const hasFate = own.length || operation.failures.length
    if (!hasFate && !found.length) excused += 1
  }
  for (const key of entries.keys()) {
    if (!operations.has(key)) complaints.push({ what: 'stranger', key, why: 'sent by nobody' })
  }
  for (const { key, why } of disorders(story, operations)) {
    complaints.push({ what: 'reordering', key, why })
  }
  if (!story.isDrained) {
    complaints.push({ what: 'stuck', why: 'the last visit did not see the outbox empty' })
  }
  return { operations: operations.size, arrived: entries.size, excused, complaints }
}

function complaintsAbout(operation: Biography, own: readonly LogEntry[]): readonly Complaint[] {
  const { key, ackedAs, failures } = operation
  const complaints: Complaint[] = []
  const complain = (what: Complaint['what'], why: string): void =>
    void complaints.push({ what, key, why })

  if (own.length > 1) complain('double', `events ${own.map(({ id }) => id).join(', ')}`)
  const [answer] = ackedAs
  if (ackedAs.size > 1) complain('contradiction', `acked as ${[...ackedAs].join(' and ')}`)
  if (answer !== undefined && own.length && !own.some(({ id }) => id === answer)) {
    complain('contradiction', `acked as ${answer}, in the log as ${own[0]?.id}`)
  }
  if (answer !== undefined && failures.length) {
    complain('contradiction', `acked and ${failures.map(({ code }) => code).join(', ')}`)
  }
  const without = failures.find(({ code, wasSent }) => WITHOUT_EFFECT.includes(code) && !wasSent)
  if (without && own.length) complain('ghost', `${without.code}, and in the log`)
  if (own.length) return complaints

  if (answer !== undefined) complain('loss', 'acked, and not in the log')
  else if (operation.isOwed && !failures.length && !operation.wasGivenUp) {
    if (operation.kind === 'publish') complain('loss', operation.isOwed)
    else complain('silent-fate', `${operation.kind}: no outcome, and ${operation.isOwed}`)
  }
  return complaints
}
