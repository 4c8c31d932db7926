/** Owns what is printed: how many sessions, what was told in them, what went wrong, and what came of it. */
import type { Summary } from '../support/check-program.js'
import { NO_VERDICT } from './judge.js'
import type { Session } from './session.js'

export function createSummary(): Summary<Session> {
  const totals = { sessions: 0, ...NO_VERDICT }
  let kept = 0
  const deeds = new Map<string, number>()
  const gaps = new Map<string, number>()
  const ends = new Map<string, number>()
  const complaints = new Map<string, number>()
  const count = (where: Map<string, number>, what: string): void =>
    void where.set(what, (where.get(what) ?? 0) + 1)
  const list = (where: Map<string, number>): string =>
    [...where].map(([what, times]) => `${what} ${times}`).join(', ')

  return {
    add({ verdict, plan, facts }) {
      totals.sessions += 1
      totals.subscriptions += verdict.subscriptions
      totals.events += verdict.events
      totals.gaps += verdict.gaps
      totals.snapshots += verdict.snapshots
      totals.begun += verdict.begun
      totals.begunAgain += verdict.begunAgain
      for (const step of plan.steps) count(deeds, step.do === 'weather' ? step.weather : step.do)
      for (const fact of facts) {
        if (fact.fact === 'event' && fact.isKept) kept += 1
        if (fact.fact === 'gap' || fact.fact === 'skipped') count(gaps, fact.reason)
        if (fact.fact === 'tab-ended') count(ends, fact.how)
      }
      for (const { what } of verdict.complaints) count(complaints, what)
    },
    get sessions() {
      return totals.sessions
    },
    get complaints() {
      return [...complaints.values()].reduce((sum, one) => sum + one, 0)
    },
    print() {
      const { sessions, subscriptions, events, snapshots, begun, begunAgain } = totals
      return [
        `${sessions} sessions, ${subscriptions} subscriptions, ${events} events told, ${kept} of them kept`,
        `consumers: ${begun} begun, ${begunAgain} of them again`,
        `gaps ${totals.gaps} (${list(gaps)}), snapshots ${snapshots}`,
        `deeds: ${list(deeds)}`,
        `tabs: ${list(ends)}`,
        `complaints: ${list(complaints) || 'none'}`,
      ].join('\n')
    },
  }
}

/** A session that failed, complete enough to understand it and to run it again. */
export function tell({ plan, happened, verdict, facts, witnesses }: Session): string | undefined {
  const { complaints } = verdict
  if (!complaints.length) return undefined
  const about = new Set(complaints.map(({ subscription }) => subscription))
  const channels = new Set<string>()
  for (const fact of facts) {
    if (fact.fact === 'subscribed' && about.has(fact.subscription)) channels.add(fact.channel)
  }
  const readers = new Set<string>()
  for (const fact of facts) {
    if (fact.fact === 'subscribed' && channels.has(fact.channel)) readers.add(fact.subscription)
  }
  // What the others of the channel were told is half of the story.
  const chosen = facts.filter((fact) => {
    if ('consumer' in fact) return about.has(`${fact.consumer} of ${fact.channel}`)
    return !('subscription' in fact) || readers.has(fact.subscription)
  })
  return [
    `session ${plan.seed} failed; alone: npm run check:inbox -- --seed ${plan.seed} --sessions 1`,
    ...complaints.map(({ what, subscription = '', why }) => `  ${what} ${subscription}: ${why}`),
    ...happened,
    ...chosen.map((fact) => `  ${JSON.stringify(fact)}`),
    ...witnesses.map((witness) => JSON.stringify(witness, null, 2)),
  ].join('\n')
}
