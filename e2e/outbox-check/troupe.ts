/** Owns what a troupe needs to play the sessions of the way out. */
import { createTroupe, type Stalls, type Troupe } from '../support/troupe.js'
import { makePlan } from './plan.js'
import { runSession, type Session } from './session.js'

export const gatherTroupe = (stalls: Stalls): Promise<Troupe<Session>> =>
  createTroupe({
    ...stalls,
    scripts: {
      '/tab.js': 'e2e/outbox-check/page/main.ts',
      '/outbox-worker.js': 'e2e/outbox-check/worker/main.ts',
    },
    run: (seed, world, profile) => runSession(makePlan(seed), world, profile),
  })
