import { describe, expect, test } from 'vitest'
import { createDice } from '../support/random.js'
import { GROWTH_LIMIT, growthOf, type Level } from './growth.js'

const EVERY_MINUTES = 1 / 15
const MB = 1024 * 1024

interface Shape {
  readonly minutes?: number
  /** Of the level, a minute. */
  readonly leak?: number
  /** The widest that a sample is off, as a share. */
  readonly noise?: number
  /** What a tab costs, as a share. */
  readonly tab?: number
  /** One sample in so many is twice as high. */
  readonly spikes?: number
  readonly seed?: number
}

/** Tabs go from one to ten and back to one at once, every minute. */
function samples(shape: Shape): readonly Level[] {
  const { minutes = 24, leak = 0, noise = 0.05, tab = 0.05, spikes = Infinity, seed = 1 } = shape
  const dice = createDice(seed)
  return Array.from({ length: Math.round(minutes / EVERY_MINUTES) }, (_, index) => {
    const minute = index * EVERY_MINUTES
    const tabs = 1 + Math.floor((minute % 1) * 10)
    const wild = index % spikes === spikes - 1 ? 2 : 1
    const share = (1 + leak * minute + tab * tabs) * (1 + noise * (2 * dice.roll() - 1)) * wild
    return { minute, tabs, bytes: 4 * MB * share }
  })
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)

describe('over 24 minutes', () => {
  test.each(SEEDS)('[P14] noise and a sawtooth of tabs are flat (seed %i)', (seed) => {
    const { verdict, perMinute, atLeast, atMost } = growthOf(samples({ seed }))
    expect(verdict).toBe('flat')
    expect(perMinute).toBeGreaterThanOrEqual(atLeast)
    expect(perMinute).toBeLessThanOrEqual(atMost)
  })

  test.each(SEEDS)('[P14] a leak of 1 % a minute is found in both (seed %i)', (seed) => {
    const { verdict, perMinute } = growthOf(samples({ leak: 0.013, seed }))
    expect(verdict).toBe('grows')
    // A leak of the first level; the share is that of the usual one.
    expect(perMinute).toBeGreaterThan(0.008)
    expect(perMinute).toBeLessThan(0.012)
  })

  test('what a tab costs is not growth, though each tooth begins lower than it ends', () => {
    const teeth = samples({ tab: 0.5, minutes: 1.95, noise: 0 })
    expect(growthOf(teeth).verdict).toBe('flat')
    expect(growthOf(teeth.map((level) => ({ ...level, tabs: 1 }))).verdict).not.toBe('flat')
  })

  test('single wild samples neither make a leak nor hide one', () => {
    expect(growthOf(samples({ spikes: 10 })).verdict).toBe('flat')
    expect(growthOf(samples({ spikes: 10, leak: 0.013 })).verdict).toBe('grows')
  })

  test('memory that is given back is flat', () => {
    const { verdict, perMinute } = growthOf(samples({ leak: -0.01 }))
    expect(verdict).toBe('flat')
    expect(perMinute).toBeLessThan(0)
  })
})

test('[P14] half a minute of samples is not called flat, with a leak or without', () => {
  for (const leak of [0, 0.013]) {
    expect(growthOf(samples({ minutes: 0.5, leak })).verdict).toBe('unclear')
  }
})

test('no samples, and samples that cannot be compared, are not called flat', () => {
  const alone = samples({})
    .slice(0, 9)
    .map((level, tabs) => ({ ...level, tabs }))
  for (const levels of [[], alone]) {
    expect(growthOf(levels)).toMatchObject({ atMost: Infinity, verdict: 'unclear' })
  }
})

test('what is sure to be over the limit by little grows, by a little less is flat', () => {
  const exact = { noise: 0, tab: 0 } as const
  const share = (leak: number): number => leak / (1 - leak * 12)
  expect(growthOf(samples({ ...exact, leak: share(GROWTH_LIMIT * 1.05) })).verdict).toBe('grows')
  expect(growthOf(samples({ ...exact, leak: share(GROWTH_LIMIT * 0.95) })).verdict).toBe('flat')
})
