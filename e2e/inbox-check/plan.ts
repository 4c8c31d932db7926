/**
 * Owns the making of a session from its seed: who reads from where, what is published, what goes
 * wrong, in which order and with which pauses. The same seed, the same plan; what comes of it is up
 * to the browser. Pure.
 */
import { createDice, type Dice } from '../support/random.js'
import { WEATHERS, type Weather } from '../support/weather.js'
import type { SnapshotChoice } from './page/page-api.js'
import { ATTEMPTS_MAX } from './story.js'

/** Which channel of the session's own. */
export type ChannelName = 'a' | 'b'

/** `after`: so far through what is known of the channel by then; 0 is its very beginning. */
export interface Wish {
  readonly channel: ChannelName
  readonly from: 'now' | 'last' | { readonly after: number }
  readonly snapshot?: SnapshotChoice
  readonly history?: number
}

/** A tab offers to handle the events of a consumer. */
export interface Offer {
  readonly channel: ChannelName
  readonly consumer: 'bell' | 'badge'
  readonly takesMs: number
  readonly fails: number
}

/** What a tab does when it begins. */
export interface Role {
  readonly wishes: readonly Wish[]
  readonly offers: readonly Offer[]
}

/** `tab` chooses among the tabs that are there then. */
export type Deed =
  | { readonly do: 'open'; readonly role: Role }
  | { readonly do: 'subscribe'; readonly tab: number; readonly wish: Wish }
  | { readonly do: 'consume'; readonly tab: number; readonly offer: Offer }
  | { readonly do: 'stop'; readonly tab: number; readonly which: number }
  | { readonly do: 'publish'; readonly channel: ChannelName; readonly payloads: readonly string[] }
  | {
      readonly do: 'publish-by-tab'
      readonly tab: number
      readonly channel: ChannelName
      readonly payloads: readonly string[]
    }
  | { readonly do: 'close'; readonly tab: number }
  | { readonly do: 'reload'; readonly tab: number; readonly role: Role }
  /** Into the back/forward cache, which freezes it, and out of it. */
  | { readonly do: 'leave'; readonly tab: number }
  | { readonly do: 'return'; readonly tab: number }
  /** A process of pages or workers stands still. */
  | { readonly do: 'stall'; readonly process: number; readonly forMs: number }
  | { readonly do: 'trim'; readonly channel: ChannelName; readonly keep: number }
  | { readonly do: 'kill-worker' }
  /** kill -9, and a tab in its next life. */
  | { readonly do: 'kill-browser'; readonly role: Role }
  | { readonly do: 'kill-gateway' }
  /** Its log is gone, and with it every position (F39). */
  | { readonly do: 'empty-gateway' }
  /** Nobody is let into the channel that connects from now on. */
  | { readonly do: 'deny'; readonly channel: ChannelName }
  | { readonly do: 'allow' }
  /** More at once than a slow connection bears, and some of it trimmed before it can be sent. */
  | {
      readonly do: 'flood'
      readonly channel: ChannelName
      readonly payloads: readonly string[]
      readonly length: number
    }
  | { readonly do: 'weather'; readonly weather: Weather }

export type Step = Deed & { readonly afterMs: number }

export interface Plan {
  readonly seed: number
  /** Events that each channel has before anybody reads. */
  readonly before: number
  /** Of the tabs of the beginning. */
  readonly tabs: readonly Role[]
  readonly steps: readonly Step[]
}

export const CHANNELS: readonly [ChannelName, ChannelName] = ['a', 'b']

/** So many events of such a length are more than what lies between a gateway and a worker takes. */
const FLOOD = 60
const LONG = 200_000

/** How likely each deed is, of a hundred. */
const DEEDS = [
  ['publish', 19],
  ['weather', 14],
  ['publish-by-tab', 9],
  ['subscribe', 9],
  ['consume', 6],
  ['leave', 7],
  ['return', 6],
  ['trim', 6],
  ['reload', 4],
  ['kill-gateway', 3],
  ['stall', 3],
  ['open', 3],
  ['stop', 2],
  ['close', 2],
  ['kill-worker', 2],
  ['kill-browser', 2],
  ['empty-gateway', 1],
  ['deny', 1],
  ['flood', 1],
] as const

export function makePlan(seed: number): Plan {
  const dice = createDice(seed)
  let published = 0

  const payloads = (): readonly string[] =>
    Array.from({ length: dice.between(1, dice.chance(0.2) ? 40 : 6) }, () => `e${++published}`)

  const flood = (): readonly string[] => Array.from({ length: FLOOD }, () => `e${++published}`)

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
      case 'deny': {
        // Who is in stays in: only a new connection is told.
        const again: Step = { do: 'weather', weather: 'reset', afterMs: 0 }
        const late: Step = { do: 'publish', channel, payloads: payloads(), afterMs: 50 }
        return [{ do: name, channel, afterMs }, again, late, { do: 'allow', afterMs: 100 }, again]
      }
      case 'flood':
        return [{ do: name, channel, payloads: flood(), length: LONG, afterMs }]
      case 'consume':
        return [{ do: name, tab, offer: offer(dice), afterMs }]
      case 'open':
      case 'kill-browser':
        return [{ do: name, role: role(dice), afterMs }]
      case 'subscribe':
        return [{ do: name, tab, wish: wish(dice), afterMs }]
      case 'reload':
        return [{ do: name, tab, role: role(dice), afterMs }]
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
  const tabs = Array.from({ length: dice.between(1, 3) }, () => role(dice))
  const count = dice.between(10, 18)
  const steps: Step[] = []
  while (steps.length < count) steps.push(...step())
  return { seed, before, tabs, steps }
}

const role = (dice: Dice): Role => ({
  wishes: Array.from({ length: dice.between(1, 3) }, () => wish(dice)),
  offers: dice.chance(0.5) ? [offer(dice)] : [],
})

const offer = (dice: Dice): Offer => ({
  channel: dice.pick(CHANNELS),
  consumer: dice.pick(['bell', 'badge'] as const),
  takesMs: dice.chance(0.4) ? 0 : dice.between(1, 40),
  fails: dice.pick([0, 1, ATTEMPTS_MAX]),
})

function wish(dice: Dice): Wish {
  if (dice.chance(0.3)) {
    return { channel: dice.pick(CHANNELS), from: 'last', history: dice.between(1, 20) }
  }
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
