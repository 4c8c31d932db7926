/**
 * Owns what happens in a soak, drawn from a seed a few steps at a time: how many tabs there are when
 * the time comes is up to the run. Tabs come one by one, up to the most, and then all of them go: a
 * sawtooth. What kills a process is allowed only so long, for a death would hide a leak. Pure.
 */
import type { Dice } from '../support/random.js'
import { WEATHERS, type Weather } from '../support/weather.js'
import { CHANNELS, type ChannelName } from './page/page-api.js'

/** `tab` chooses among all that are there. */
export type Deed =
  | { readonly do: 'open' }
  | { readonly do: 'reload'; readonly tab: number }
  | { readonly do: 'close'; readonly tab: number }
  | { readonly do: 'crash'; readonly tab: number }
  /** With all the tabs that come and go. */
  | { readonly do: 'close-all' }
  | {
      readonly do: 'publish'
      readonly tab: number
      readonly channel: ChannelName
      readonly count: number
      readonly length: number
    }
  | { readonly do: 'publish-by-server'; readonly channel: ChannelName; readonly count: number }
  | { readonly do: 'request'; readonly tab: number; readonly count: number }
  | {
      readonly do: 'signal'
      readonly tab: number
      readonly channel: ChannelName
      readonly count: number
    }
  | { readonly do: 'weather'; readonly weather: Weather }
  | { readonly do: 'kill-worker' }
  | { readonly do: 'kill-gateway' }
  | { readonly do: 'drain-gateway' }

export type Step = Deed & { readonly afterMs: number }

export interface Scene {
  /** All of them, the resident too. */
  readonly tabs: number
  readonly mayWorkerDie: boolean
  readonly mayGatewayDie: boolean
}

export const TABS_MAX = 10
/**
 * How many characters an event has beside its numbers, on average. None is very long: what is kept of
 * a channel would weigh now more, now less, and slowly enough to look like growth.
 */
export const LENGTH = 200

/** How likely each deed is, of a hundred. */
const DEEDS = [
  ['publish', 26],
  ['publish-by-server', 18],
  ['tab', 26],
  ['request', 9],
  ['signal', 9],
  ['weather', 7],
  ['kill-worker', 2],
  ['kill-gateway', 2],
  ['drain-gateway', 1],
] as const

export function draw(dice: Dice, scene: Scene): readonly Step[] {
  const afterMs = dice.between(0, 400)
  const tab = dice.between(0, TABS_MAX - 1)
  const channel = dice.pick(CHANNELS)
  const deed = pick(dice)
  switch (deed) {
    case 'publish': {
      const length = dice.between(0, 2 * LENGTH)
      return [{ do: deed, tab, channel, count: dice.between(5, 40), length, afterMs }]
    }
    case 'publish-by-server':
      return [{ do: deed, channel, count: dice.between(5, 40), afterMs }]
    case 'tab':
      return [{ ...comingOrGoing(dice, scene, tab), afterMs }]
    case 'request':
      return [{ do: deed, tab, count: dice.between(1, 5), afterMs }]
    case 'signal':
      return [{ do: deed, tab, channel, count: dice.between(1, 5), afterMs }]
    case 'weather': {
      // What is said while the line is down is what has to be made up for.
      const late: Step = { do: 'publish-by-server', channel, count: 5, afterMs: 50 }
      const own: Step = { do: 'publish', tab, channel, count: 5, length: LENGTH, afterMs: 50 }
      const clearing: Step = { do: 'weather', weather: 'fair', afterMs: dice.between(50, 2_500) }
      return [{ do: deed, weather: dice.pick(WEATHERS), afterMs }, late, own, clearing]
    }
    case 'kill-worker':
      return scene.mayWorkerDie ? [{ do: deed, afterMs }] : []
    case 'kill-gateway':
    case 'drain-gateway':
      return scene.mayGatewayDie ? [{ do: deed, afterMs }] : []
  }
}

function comingOrGoing(dice: Dice, { tabs }: Scene, tab: number): Deed {
  if (tabs >= TABS_MAX) return { do: 'close-all' }
  if (dice.chance(0.7)) return { do: 'open' }
  return { do: dice.pick(['reload', 'close', 'crash']), tab }
}

function pick(dice: Dice): (typeof DEEDS)[number][0] {
  let left = dice.between(1, 100)
  for (const [name, weight] of DEEDS) {
    left -= weight
    if (left <= 0) return name
  }
  return 'publish'
}
