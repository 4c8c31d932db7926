/**
 * Owns the making of a session from its seed: who reads from where, what is published, what goes
 * wrong, in which order and with which pauses. The same seed, the same plan; what comes of it is up
 * to the browser. Pure.
 */
import { createDice, type Dice } from '../support/random.js'
import { WEATHERS, type Weather } from '../support/weather.js'
import type { SnapshotChoice } from './page/page-api.js'

/** Which channel of the session's own. */
export type ChannelName = 'a' | 'b'

/** `after`: so far through what is known of the channel by then; 0 is its very beginning. */
export interface Wish {
  readonly channel: ChannelName
  readonly from: 'now' | 'last' | { readonly after: number }
  readonly snapshot?: SnapshotChoice
}

/** `tab` chooses among the tabs that are there then. */
export type Deed =
  | { readonly do: 'open'; readonly wishes: readonly Wish[] }
  | { readonly do: 'subscribe'; readonly tab: number; readonly wish: Wish }
  | { readonly do: 'stop'; readonly tab: number; readonly which: number }
  | { readonly do: 'publish'; readonly channel: ChannelName; readonly payloads: readonly string[] }
  | {
      readonly do: 'publish-by-tab'
      readonly tab: number
      readonly channel: ChannelName
      readonly payloads: readonly string[]
    }
  | { readonly do: 'close'; readonly tab: number }
  | { readonly do: 'reload'; readonly tab: number; readonly wishes: readonly Wish[] }
  /** Into the back/forward cache, which freezes it, and out of it. */
  | { readonly do: 'leave'; readonly tab: number }
  | { readonly do: 'return'; readonly tab: number }
  /** A process of pages or workers stands still. */
  | { readonly do: 'stall'; readonly process: number; readonly forMs: number }
  | { readonly do: 'trim'; readonly channel: ChannelName; readonly keep: number }
  | { readonly do: 'kill-worker' }
  | { readonly do: 'kill-gateway' }
  | { readonly do: 'weather'; readonly weather: Weather }

export type Step = Deed & { readonly afterMs: number }

export interface Plan {
  readonly seed: number
  /** Events that each channel has before anybody reads. */
  readonly before: number
  /** One list for each tab of the beginning. */
  readonly tabs: readonly (readonly Wish[])[]
  readonly steps: readonly Step[]
}

export const CHANNELS: readonly [ChannelName, ChannelName] = ['a', 'b']

/** How likely each deed is, of a hundred. */
const DEEDS = [
  ['publish', 24],
  ['weather', 15],
  ['publish-by-tab', 10],
  ['subscribe', 9],
  ['leave', 8],
  ['return', 7],
  ['trim', 7],
  ['reload', 4],
  ['kill-gateway', 4],
  ['stall', 3],
  ['open', 3],
  ['stop', 2],
  ['close', 1],
  ['kill-worker', 3],
] as const

export function makePlan(seed: number): Plan {
  const dice = createDice(seed)
  let published = 0

  const payloads = (): readonly string[] =>
    Array.from({ length: dice.between(1, dice.chance(0.2) ? 40 : 6) }, () => `e${++published}`)

  function step(): readonly Step[] {
    const afterMs = dice.chance(0.3) ? 0 : dice.between(1, dice.chance(0.7) ? 30 : 150)
    const tab = dice.between(0, 11)
    const channel = dice.pick(CHANNELS)
    const name = draw(dice)
    switch (name) {
      case 'publish':
        return [{ do: name, channel, payloads: payloads(), afterMs }]
      case 'publish-by-tab':
        return [{ do: name, tab, channel, payloads: payloads(), afterMs }]
      case 'weather': {
        // What comes while the line is down is what it has to make up for.
        const forMs = dice.between(30, 250)
        const late: Step = { do: 'publish', channel, payloads: payloads(), afterMs: 10 }
        const lost: readonly Step[] = dice.chance(0.3)
          ? [late, { do: 'trim', channel, keep: dice.between(0, 3), afterMs: 0 }]
          : [late]
        const clearing: Step = { do: 'weather', weather: 'fair', afterMs: forMs }
        return [{ do: name, weather: dice.pick(WEATHERS), afterMs }, ...lost, clearing]
      }
      case 'open':
        return [{ do: name, wishes: wishes(dice), afterMs }]
      case 'subscribe':
        return [{ do: name, tab, wish: wish(dice), afterMs }]
      case 'reload':
        return [{ do: name, tab, wishes: wishes(dice), afterMs }]
      case 'stop':
        return [{ do: name, tab, which: dice.between(0, 11), afterMs }]
      case 'stall':
        return [{ do: name, process: dice.between(0, 11), forMs: dice.between(50, 500), afterMs }]
      case 'trim':
        return [{ do: name, channel, keep: dice.between(0, 8), afterMs }]
      case 'close':
      case 'leave':
      case 'return':
        return [{ do: name, tab, afterMs }]
      default:
        return [{ do: name, afterMs }]
    }
  }

  const before = dice.chance(0.3) ? 0 : dice.between(1, 12)
  const tabs = Array.from({ length: dice.between(1, 3) }, () => wishes(dice))
  const count = dice.between(10, 18)
  const steps: Step[] = []
  while (steps.length < count) steps.push(...step())
  return { seed, before, tabs, steps }
}

const wishes = (dice: Dice): readonly Wish[] =>
  Array.from({ length: dice.between(1, 3) }, () => wish(dice))

function wish(dice: Dice): Wish {
  const from = dice.pick<Wish['from']>(['now', 'last', { after: dice.roll() }, { after: 0 }])
  const snapshot: SnapshotChoice = {
    by: dice.pick(['request', 'address'] as const),
    lateMs: dice.chance(0.5) ? 0 : dice.between(1, 150),
  }
  return { channel: dice.pick(CHANNELS), from, ...(dice.chance(0.5) && { snapshot }) }
}

function draw(dice: Dice): (typeof DEEDS)[number][0] {
  let left = dice.between(1, 100)
  for (const [name, weight] of DEEDS) {
    left -= weight
    if (left <= 0) return name
  }
  return 'publish'
}
