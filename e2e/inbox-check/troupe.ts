/** Owns what a troupe needs to play the sessions of the way in. */
import { createTroupe, type Stalls, type Troupe } from '../support/troupe.js'
import { makePlan } from './plan.js'
import { runSession, type Session } from './session.js'

export const gatherTroupe = (stalls: Stalls): Promise<Troupe<Session>> =>
  createTroupe({
    ...stalls,
    scripts: {
      '/tab.js': 'e2e/inbox-check/page/main.ts',
      '/inbox-worker.js': 'e2e/inbox-check/worker/main.ts',
    },
    run: (seed, world, profile) => runSession(makePlan(seed), world, profile),
  })
