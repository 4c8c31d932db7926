/**
 * Owns the plan of a run: which acts, and before which step of the world. Each run leaves out some kinds
 * of fault altogether, because faults hide each other: where everything always breaks, little is reached.
 * And in two of three something is in focus: a few kinds of acts that meet in one of the moments that
 * matter come often, and others seldom. Pure.
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
/** What belongs together. */
const FOCI: readonly [readonly Deed[], ...(readonly Deed[])[]] = [
  ['consume', 'publish', 'open', 'wait', 'ambush'],
  ['subscribe', 'publish', 'trim', 'network-down', 'ambush', 'crash'],
  ['send', 'close', 'crash', 'kill-worker', 'ambush'],
  ['send', 'publish', 'ambush', 'cut', 'crash-gateway'],
  ['hang-worker', 'ambush', 'kill-worker', 'consume', 'publish', 'send', 'wait'],
  ['deploy', 'kill-worker', 'publish', 'wait'],
]
const FOCUSED = 2 / 3
/** So many times as often as else. */
const IN_FOCUS = 4
const WHO_MAX = 60
const FAULTY = 0.5
/** Of the others, where something is in focus. */
const BESIDE = 0.25

export function createPlan(seed: number, steps: number, without: readonly string[] = []): Plan {
  const dice = createDice(hash(seed, 'plan'))
  const focus = dice.chance(FOCUSED) ? dice.pick(FOCI) : undefined
  const share = focus ? BESIDE : FAULTY
  const deeds = (Object.keys(MAKERS) as Deed[])
    .filter((deed) => dice.chance(share) || USUAL.includes(deed) || focus?.includes(deed))
    .filter((deed) => !without.includes(deed))
  const weightOf = (deed: Deed): number => MAKERS[deed][0] * (focus?.includes(deed) ? IN_FOCUS : 1)
  const total = deeds.reduce((sum, deed) => sum + weightOf(deed), 0)
  const pace = dice.pick([4, 10, 10, 25])

  function act(deed: Deed): Act {
    return { do: deed, who: dice.between(0, WHO_MAX), ...MAKERS[deed][1](dice) } as unknown as Act
  }

  function choose(): Deed {
    let left = dice.roll() * total
    for (const deed of deeds) {
      left -= weightOf(deed)
      if (left < 0) return deed
    }
    return 'send'
  }

  const plan: Planned[] = [{ at: 0, act: act('open') }]
  for (let at = 0; at < steps; at += dice.between(0, 2 * pace))
    plan.push({ at, act: act(choose()) })
  return plan
}
