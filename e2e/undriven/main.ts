/**
 * The program behind `npm run check:closing -- --times 100`: `send(); window.close()` in one task, so
 * many times each way, in a browser without a driver. Exits with 1 on any loss, double or disorder.
 */
import { readFlags } from '../support/flags.js'
import type { Arrivals, Closing } from './closings.js'
import { addUp } from './count.js'
import { createStage } from './stage.js'

export const CLOSINGS: readonly Closing[] = [
  { page: 'warm', company: 'alone' },
  { page: 'cold', company: 'alone' },
  { page: 'warm', company: 'a living tab' },
  { page: 'cold', company: 'a living tab' },
]

/** With a tab that lives, nothing may wait for a visit. */
export function isWhole({ company }: Closing, arrivals: readonly Arrivals[]): boolean {
  const counted = arrivals.map(({ before, after }) => (company === 'alone' ? after : before))
  const { lost, doubled, disordered } = addUp(counted)
  const late = addUp(arrivals.map(({ after }) => after))
  return lost + doubled + disordered + late.doubled + late.disordered === 0
}

const COLUMNS = ['sent', 'before the visit', 'after', 'lost', 'twice', 'lanes out of order']

function row({ page, company }: Closing, arrivals: readonly Arrivals[]): string {
  const before = addUp(arrivals.map((one) => one.before))
  const after = addUp(arrivals.map((one) => one.after))
  const figures = [
    after.sent,
    before.arrived,
    after.arrived,
    after.lost,
    after.doubled,
    after.disordered,
  ]
  const cells = figures.map((figure, index) => `${figure}`.padStart(COLUMNS[index]?.length ?? 0))
  return `${`${page}, ${company}`.padEnd(20)}  ${cells.join('  ')}`
}

export async function main(args: readonly string[]): Promise<number> {
  const { times } = readFlags(args, { times: 100 })
  console.log(`send(); window.close() in one task, ${times} pages each, no driver attached`)
  console.log(`${''.padEnd(20)}  ${COLUMNS.join('  ')}`)
  const stage = await createStage()
  let isClean = true
  try {
    for (const closing of CLOSINGS) {
      const arrivals = await stage.run(closing, times)
      console.log(row(closing, arrivals))
      isClean &&= isWhole(closing, arrivals)
    }
  } finally {
    await stage.close()
  }
  console.log(isClean ? 'nothing lost, nothing twice, everything in order' : 'NOT WHOLE')
  return isClean ? 0 : 1
}
