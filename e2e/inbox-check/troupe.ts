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
    // Beyond this few a connection that was slow reads from the log, and what is trimmed there is gone.
    limits: { ringEvents: 8, frameEvents: 8, bufferedSoft: 64 * 1024 },
    run: (seed, world, profile) => runSession(makePlan(seed), world, profile),
  })
