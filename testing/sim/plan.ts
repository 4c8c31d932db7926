/**
 * Owns the plan of a run: which acts, and before which step of the world. Each run leaves out some kinds
 * of fault altogether, because faults hide each other: where everything always breaks, little is reached. Pure.
 */
import { createDice } from '../../e2e/support/random.js'
import type { Act, Deed } from './act.js'
import { MAKERS } from './makers.js'
import { hash } from './scheduler.js'

export interface Planned {
  /** So many steps into the run. */
  readonly at: number
  readonly act: Act
}

export type Plan = readonly Planned[]

/** What apps and people do, in every run. */
const USUAL: readonly Deed[] = [
  'open',
  'send',
  'subscribe',
  'publish',
  'come-back',
  'show',
  'resume',
]
const WHO_MAX = 60
const FAULTY = 0.5

export function createPlan(seed: number, steps: number, without: readonly string[] = []): Plan {
  const dice = createDice(hash(seed, 'plan'))
  const deeds = (Object.keys(MAKERS) as Deed[])
    .filter((deed) => USUAL.includes(deed) || dice.chance(FAULTY))
    .filter((deed) => !without.includes(deed))
  const total = deeds.reduce((sum, deed) => sum + MAKERS[deed][0], 0)
  const pace = dice.pick([4, 10, 10, 25])

  function act(deed: Deed): Act {
    return { do: deed, who: dice.between(0, WHO_MAX), ...MAKERS[deed][1](dice) } as unknown as Act
  }

  function choose(): Deed {
    let left = dice.roll() * total
    for (const deed of deeds) {
      left -= MAKERS[deed][0]
      if (left < 0) return deed
    }
    return 'send'
  }

  const plan: Planned[] = [{ at: 0, act: act('open') }]
  for (let at = 0; at < steps; at += dice.between(0, 2 * pace))
    plan.push({ at, act: act(choose()) })
  return plan
}
