/** Owns what is printed: how many sessions, what went wrong in them at which stage, and what came of it. */
import type { Summary } from '../support/check-program.js'
import type { Session } from './session.js'
import { CUTS, STAGES } from './stages.js'

export function createSummary(): Summary<Session> {
  const totals = { sessions: 0, operations: 0, arrived: 0, excused: 0 }
  const cuts = new Map<string, number>()
  const deeds = new Map<string, number>()
  const complaints = new Map<string, number>()
  const count = (where: Map<string, number>, what: string): void =>
    void where.set(what, (where.get(what) ?? 0) + 1)

  return {
    add({ verdict, fired, plan }) {
      totals.sessions += 1
      totals.operations += verdict.operations
      totals.arrived += verdict.arrived
      totals.excused += verdict.excused
      for (const { stage, cut } of fired) count(cuts, `${stage} ${cut}`)
      for (const step of plan.steps) count(deeds, step.do === 'weather' ? step.weather : step.do)
      count(deeds, `in the end ${plan.end}`)
      for (const { what } of verdict.complaints) count(complaints, what)
    },
    get sessions() {
      return totals.sessions
    },
    get complaints() {
      return [...complaints.values()].reduce((sum, one) => sum + one, 0)
    },
    print() {
      const { sessions, operations, arrived, excused } = totals
      const width = Math.max(...CUTS.map(({ length }) => length))
      const head = ['cut at a stage'.padEnd(15), ...CUTS.map((cut) => cut.padStart(width))]
      const rows = STAGES.map((stage) => {
        const figures = CUTS.map((cut) => `${cuts.get(`${stage} ${cut}`) ?? 0}`.padStart(width))
        return [stage.padEnd(15), ...figures].join('  ')
      })
      const found = (what: string): string => `${complaints.get(what) ?? 0}`
      const others = [...complaints].filter(([what]) => !MAIN.includes(what))
      return [
        `${sessions} sessions, ${operations} operations, ${arrived} in the log, ${excused} excused`,
        head.join('  '),
        ...rows,
        `at any moment: ${[...deeds].map(([deed, times]) => `${deed} ${times}`).join(', ')}`,
        `losses ${found('loss')}, doubles ${found('double')}, reorderings ${found('reordering')}`,
        ...others.map(([what, times]) => `${what} ${times}`),
      ].join('\n')
    },
  }
}

const MAIN = ['loss', 'double', 'reordering']

/** A session that failed, complete enough to understand it and to run it again. */
export function tell({ plan, happened, verdict, facts }: Session): string | undefined {
  if (!verdict.complaints.length) return undefined
  const about = new Set(verdict.complaints.map(({ key }) => key))
  const ofTabs = facts.filter((fact) => !('key' in fact) || about.has(fact.key))
  return [
    `session ${plan.seed} failed; alone: npm run check:outbox -- --seed ${plan.seed} --sessions 1`,
    ...verdict.complaints.map(({ what, key, why }) => `  ${what} ${key ?? ''}: ${why}`),
    ...happened,
    ...ofTabs.map((fact) => `  ${JSON.stringify(fact)}`),
  ].join('\n')
}
