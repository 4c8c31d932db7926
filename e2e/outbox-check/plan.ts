/**
 * Owns the making of a session from its seed: what is sent, what goes wrong, in which order and with
 * which pauses. The same seed, the same plan; what comes of it is up to the browser. Pure.
 *
 * The first aim of a plan goes through all stages and cuts in turn, so that so many seeds in a row
 * leave none out; the rest is chance.
 */

import { createDice, type Dice } from '../support/random.js'
import { WEATHERS, type Weather } from '../support/weather.js'
import type { Sending } from './page/page-api.js'
import { type Aim, CUTS, STAGES } from './stages.js'

/** `tab` chooses among the tabs that live then. */
export type Deed =
  | { readonly do: 'open' }
  | { readonly do: 'send'; readonly tab: number; readonly sendings: readonly Sending[] }
  | { readonly do: 'send-and-close'; readonly tab: number; readonly sendings: readonly Sending[] }
  | { readonly do: 'discard'; readonly tab: number }
  | { readonly do: 'close'; readonly tab: number }
  | { readonly do: 'reload'; readonly tab: number }
  | { readonly do: 'crash'; readonly tab: number }
  | { readonly do: 'kill-worker' }
  | { readonly do: 'kill-browser' }
  | { readonly do: 'kill-gateway' }
  | { readonly do: 'weather'; readonly weather: Weather }

export type Step = Deed & { readonly afterMs: number }

export interface Plan {
  readonly seed: number
  readonly tabs: number
  readonly aims: readonly Aim[]
  readonly steps: readonly Step[]
  /** How the browser ends before the last visit. */
  readonly end: 'closed' | 'killed'
}

const LANES = ['a', 'b', 'c'] as const
/** How likely each deed is, of a hundred. */
const DEEDS = [
  ['send', 50],
  ['weather', 15],
  ['send-and-close', 9],
  ['open', 6],
  ['reload', 5],
  ['kill-gateway', 4],
  ['close', 3],
  ['crash', 3],
  ['discard', 2],
  ['kill-worker', 2],
  ['kill-browser', 1],
] as const

export function makePlan(seed: number): Plan {
  const dice = createDice(seed)
  const send = sender(seed, dice)
  const tabs = dice.between(1, 4)
  const aims = [aimNumber(seed, dice)]
  while (aims.length < 3 && dice.chance(0.4)) {
    aims.push(aimNumber(dice.between(0, STAGES.length * CUTS.length - 1), dice))
  }
  // Whatever is aimed at, something comes to that stage.
  const steps: Step[] = [{ do: 'send', tab: 0, sendings: send(), afterMs: 0 }]
  const count = dice.between(8, 13)
  while (steps.length < count) steps.push(...step(dice, send))
  return { seed, tabs, aims, steps, end: dice.chance(0.5) ? 'closed' : 'killed' }
}

function aimNumber(number: number, dice: Dice): Aim {
  const stage = STAGES[number % STAGES.length] ?? STAGES[0]
  const cut = CUTS[Math.floor(number / STAGES.length) % CUTS.length] ?? CUTS[0]
  return { stage, cut, nth: dice.between(1, 6) }
}

function sender(seed: number, dice: Dice): () => readonly Sending[] {
  const all: Sending[] = []

  function one(): Sending {
    const again = all.length > 0 && dice.chance(0.05) ? all[dice.between(0, all.length - 1)] : null
    if (again?.kind === 'publish') return again
    const size = dice.chance(0.1) ? dice.between(10_000, 200_000) : dice.between(0, 100)
    const fresh = { key: `${seed}-${all.length + 1}`, lane: dice.pick(LANES), size }
    const priority = dice.chance(0.2) ? { priority: dice.between(-5, 5) } : {}
    const kind = dice.chance(0.05)
      ? ({ kind: 'poison' } as const)
      : dice.chance(0.05)
        ? ({ kind: 'short-lived', ttl: dice.between(1, 400) } as const)
        : ({ kind: 'publish' } as const)
    const sending = { ...fresh, ...priority, ...kind }
    all.push(sending)
    return sending
  }

  return () => Array.from({ length: dice.between(1, 6) }, one)
}

function step(dice: Dice, send: () => readonly Sending[]): readonly Step[] {
  const afterMs = dice.chance(0.3)
    ? 0
    : dice.chance(0.5)
      ? dice.between(1, 15)
      : dice.between(15, 90)
  const tab = dice.between(0, 11)
  const name = draw(dice)
  switch (name) {
    case 'send':
    case 'send-and-close':
      return [{ do: name, tab, sendings: send(), afterMs }]
    case 'weather': {
      const weather = dice.pick(WEATHERS)
      const clearing = { do: 'weather', weather: 'fair', afterMs: dice.between(30, 200) } as const
      const between = { do: 'send', tab, sendings: send(), afterMs: dice.between(0, 30) } as const
      return [{ do: 'weather', weather, afterMs }, between, clearing]
    }
    case 'discard':
    case 'close':
    case 'reload':
    case 'crash':
      return [{ do: name, tab, afterMs }]
    default:
      return [{ do: name, afterMs }]
  }
}

function draw(dice: Dice): (typeof DEEDS)[number][0] {
  let left = dice.between(1, 100)
  for (const [name, weight] of DEEDS) {
    left -= weight
    if (left <= 0) return name
  }
  return 'send'
}
