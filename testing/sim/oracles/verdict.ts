/**
 * Owns the verdict on a run that has come to rest: the judges of the browser sessions read its record
 * (P2–P8), and what apps were promised has to be kept (P12).
 */
import {
  type Complaint as InboxComplaint,
  judge as judgeInbox,
} from '../../../e2e/inbox-check/judge.js'
import type { Fact, Story } from '../../../e2e/inbox-check/story.js'
import {
  judge as judgeOutbox,
  type Complaint as OutboxComplaint,
} from '../../../e2e/outbox-check/judge.js'
import type { Complaint, PromiseNumber } from '../complaint.js'
import type { World } from '../world.js'
import { effectsOf, reorderings } from './effects.js'

const OUTBOX: Readonly<Record<OutboxComplaint['what'], PromiseNumber>> = {
  loss: 'P2',
  double: 'P3',
  reordering: 'P4',
  ghost: 'P5',
  'silent-fate': 'P5',
  contradiction: 'P5',
  stranger: 'P3',
  stuck: 'P12',
}

const INBOX: Partial<Record<InboxComplaint['what'], PromiseNumber>> = {
  forgotten: 'P7',
  'begun-again': 'P8',
  disorder: 'P8',
  'passed-over': 'P8',
  'not-begun': 'P8',
  'too-often': 'P8',
  unhandled: 'P8',
  'not-parked': 'P8',
  'false-parking': 'P8',
}

/**
 * Where the disk has failed, what waits lives in memory, and a worker that dies takes its numbers along:
 * an operation that was not stored may then be lost, or take effect under another client's name. One that
 * was stored may only have been sent, and the disk have refused to say so: then it may be told as over
 * without an effect, also after the worker that died had told of it. Where the disk could not be read,
 * another life has begun, and has its own order.
 */
const NEEDS_DISK: readonly string[] = [
  'double',
  'ghost',
  'contradiction',
  'silent-fate',
  'forgotten',
  'reordering',
  'begun-again',
  'not-begun',
  'disorder',
  'passed-over',
]
/**
 * Where each page is alone nothing is on disk, and nobody shares the work. Of a page that went, or whose
 * worker died, another client may send what it had sent; of others nobody.
 */
function isShared(
  { inboxFacts, outboxFacts, isWorkerHurt }: World['records'],
  what: string,
  why: string,
) {
  if (what !== 'double') return NEEDS_DISK.includes(what) || why.startsWith('clerk ')
  const [key] = why.split(' events')
  const gone = inboxFacts.flatMap((one) => (one.fact === 'tab-goes' ? one.tab : []))
  return (
    isWorkerHurt ||
    outboxFacts.some((one) => one.fact === 'sent' && one.key === key && gone.includes(one.tab))
  )
}

function isOwed(records: World['records'], { what, why }: Complaint): boolean {
  if (records.isEachAlone && isShared(records, what, why)) return false
  if (!records.isDiskDoubtful) return true
  const safe = records.isDiskUnread ? new Set() : storedOnly(records)
  const about = (why.startsWith('op ') && why.match(/op \d+/g)) || []
  const isUnnoted = what === 'ghost' || isAckForgotten(records, what, why)
  if (!isUnnoted && about.length && about.every((key) => safe.has(key))) return true
  // What it had handled, or parked, was not written: it comes again, or lies parked, or has been trimmed since.
  const isFromBefore =
    ['disorder', 'false-gap', 'false-parking', 'not-parked'].includes(what) &&
    why.startsWith('clerk')
  return !NEEDS_DISK.includes(what) && !isFromBefore && (what !== 'loss' || why.endsWith('stored'))
}

/** Its sender was told that it took effect, and later, out of what the disk knew, that it did not. */
function isAckForgotten({ outboxFacts }: World['records'], what: string, why: string): boolean {
  const [, key] = / *(op \d+) acked and (expired|discarded)$/.exec(why) ?? []
  const told = outboxFacts.filter((one) => 'key' in one && one.key === key)
  const [first] = told.filter(({ fact }) => fact === 'acked' || fact === 'failed')
  return what === 'contradiction' && first?.fact === 'acked'
}

/** What was on disk from the moment in which its tab was told, and no tab was told otherwise. */
function storedOnly({ outboxFacts }: World['records']): ReadonlySet<string> {
  const keysOf = (what: string): string[] =>
    outboxFacts.flatMap((fact) => (fact.fact === what && 'key' in fact ? [fact.key] : []))
  const other = new Set(keysOf('not-stored'))
  return new Set(keysOf('stored').filter((key) => !other.has(key)))
}

/** Each home has the channels for itself. */
function byHome({ records, people }: World): Story {
  const homes = [...people.homes]
  const logs = [...records.logs()].flatMap(([channel, log]) =>
    homes.map((home) => [`${home}${channel}`, log] as const),
  )
  const facts = records.inboxFacts.flatMap((one): readonly Fact[] =>
    one.fact === 'trimmed'
      ? homes.map((home) => ({ ...one, channel: `${home}${one.channel}` }))
      : [one],
  )
  return { facts, logs: new Map(logs) }
}

/** Of a worker that hangs, or was killed while it started; and of what a lifeboat had and found no room. */
const TOLD = /was told (no-shared-worker|worker-silent|outbox-full)$/
/** A tab that stood still had its handler's time run out, and hears of it when it goes on. */
const stoodStill = ({ inboxFacts }: World['records'], why: string): boolean =>
  why.endsWith(' was told timeout') &&
  inboxFacts.some((one) => one.fact === 'tab-goes' && why.trim().startsWith(`${one.tab} `))
/** Three deaths are three attempts, begun or not: then an event may lie parked that nobody has begun. */
const DEADLY = 3
const areManyDead = ({ inboxFacts }: World['records']): boolean =>
  inboxFacts.filter((one) => one.fact === 'tab-ended' && one.how === 'killed').length >= DEADLY

const isComplaint =
  (records: World['records']) =>
  ({ what, why }: InboxComplaint): boolean =>
    what === 'error'
      ? !(TOLD.test(why) || stoodStill(records, why))
      : what !== 'false-parking' || !areManyDead(records)

/** So many failures are kept to be seen; then the oldest goes, and with it what it says of its operation. */
const FAILURES_KEPT = 100
const mayBeForgotten = (
  { apps }: World,
  { what, why }: Pick<OutboxComplaint, 'what' | 'why'>,
): boolean =>
  (what === 'silent-fate' || (what === 'loss' && !why.endsWith('stored'))) &&
  apps.some(({ tab }) => tab.line.outbox.value.length >= FAILURES_KEPT)

const FORGIVEN: readonly OutboxComplaint['what'][] = [
  'contradiction',
  'loss',
  'silent-fate',
  'ghost',
]

export function judge(world: World, restless: readonly string[]): readonly Complaint[] {
  const { records } = world
  const { effects, outboxFacts: facts } = records
  const { log, isLost } = effectsOf(effects, facts)
  const outbox = judgeOutbox({ facts, log, isDrained: true })
  const inbox = judgeInbox(byHome(world))
  const all: readonly Complaint[] = [
    ...outbox.complaints
      .filter(({ what }) => what !== 'reordering')
      .filter((complaint) => !mayBeForgotten(world, complaint))
      .filter(({ what, key = '' }) => what !== 'ghost' || !records.halfDiscarded.has(key))
      .filter(({ what, key = '' }) => !FORGIVEN.includes(what) || !isLost.has(key))
      .map(({ what, key = '', why }) => ({
        promise: OUTBOX[what],
        what,
        why: `${key} ${why}`,
      })),
    ...reorderings(effects, facts, records.isDiskDoubtful).map(
      ({ key, why }) => ({ promise: 'P4', what: 'reordering', why: `${key} ${why}` }) as const,
    ),
    ...inbox.complaints.filter(isComplaint(records)).map(({ what, subscription = '', why }) => ({
      promise: INBOX[what] ?? 'P6',
      what,
      why: `${subscription} ${why}`,
    })),
    ...restless.map((why) => ({ promise: 'P12', what: 'unrest', why }) as const),
  ]
  // What was parked in a home goes with it.
  const isLeft = ({ what, why }: Complaint): boolean =>
    what !== 'not-parked' || world.apps.some(({ home }) => why.startsWith(`clerk of ${home}`))
  return all.filter((complaint) => isLeft(complaint) && isOwed(records, complaint))
}
