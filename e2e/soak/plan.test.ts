import { expect, test } from 'vitest'
import { createDice } from '../support/random.js'
import { draw, type Scene, type Step, TABS_MAX } from './plan.js'

const ALONE: Scene = { tabs: 1, mayWorkerDie: true, mayGatewayDie: true }

function story(seed: number, scene: Partial<Scene> = {}, length = 2_000): readonly Step[] {
  const dice = createDice(seed)
  return Array.from({ length }, () => draw(dice, { ...ALONE, ...scene })).flat()
}
const deeds = (steps: readonly Step[]): ReadonlySet<string> => new Set(steps.map((step) => step.do))

test('the same seed is the same story', () => {
  expect(story(7)).toEqual(story(7))
  expect(story(7)).not.toEqual(story(8))
})

test('after their time no process is killed, and nothing else is missing', () => {
  const early = deeds(story(1))
  const late = deeds(story(1, { mayWorkerDie: false, mayGatewayDie: false }))
  const deaths = ['kill-worker', 'kill-gateway', 'drain-gateway']
  expect(deaths.every((death) => early.has(death))).toBe(true)
  expect([...late].sort()).toEqual([...early].filter((deed) => !deaths.includes(deed)).sort())
})

test('tabs come until there are enough, and then all go', () => {
  expect(deeds(story(1)).has('close-all')).toBe(false)
  const full = deeds(story(1, { tabs: TABS_MAX }))
  expect(full.has('close-all')).toBe(true)
  expect(full.has('open')).toBe(false)
})

test('the weather always clears', () => {
  const weathers = story(3).flatMap((step) => (step.do === 'weather' ? [step.weather] : []))
  expect(weathers.length).toBeGreaterThan(100)
  for (const [index, weather] of weathers.entries()) {
    expect(weather === 'fair').toBe(index % 2 === 1)
  }
})
