/** The program behind `npm run check:outbox -- --sessions 200 --seed 1`. */
import { runCheck } from '../support/check-program.js'
import { createSummary, tell } from './summary.js'
import { gatherTroupe } from './troupe.js'

export const main = (args: readonly string[]): Promise<number> =>
  runCheck(args, { summary: createSummary(), gather: gatherTroupe, tell })
