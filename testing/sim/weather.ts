/**
 * Owns how long things take in one run: each run has its own weather, from a machine on which everything
 * is at once, and order is all that chance decides, to a slow one with a bad network. Pure.
 */
import type { Dice } from '../../e2e/support/random.js'
import type { Delay } from './scheduler.js'

export interface Weather {
  /** Nothing takes much longer than usual. */
  readonly isSteady: boolean
  /** Messages between tabs and workers. */
  readonly port: Delay
  readonly lock: Delay
  readonly disk: Delay
  /** From one answer of a database to the next. */
  readonly answer: Delay
  readonly network: Delay
  /** From the constructor to the first line of the worker's script. */
  readonly boot: Delay
  /** The gateway's log. */
  readonly log: Delay
}

/** Mostly about so long; sometimes much longer. */
const around =
  (ms: number, spikes: number): Delay =>
  (dice) => {
    const roll = dice.roll()
    return roll < spikes ? ms * 20 * dice.roll() : ms * roll
  }

export function createWeather(dice: Dice): Weather {
  const pace = dice.pick([0, 0.2, 1, 1, 5])
  const spikes = dice.pick([0, 0.01, 0.05])
  const distance = dice.pick([0, 5, 40, 200])
  return {
    isSteady: !spikes,
    port: around(pace, spikes),
    lock: around(pace, spikes),
    disk: around(3 * pace, spikes),
    answer: around(pace / 5, 0),
    network: around(distance, spikes),
    boot: around(20 * pace, spikes),
    log: around(2 * pace, spikes),
  }
}
