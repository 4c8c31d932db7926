/** Proves that a session can be had again from its seed, and that many of them leave nothing out. */
import { expect, test } from 'vitest'
import { WEATHERS } from '../support/weather.js'
import { makePlan } from './plan.js'

const plans = Array.from({ length: 200 }, (_, seed) => makePlan(seed))
const steps = plans.flatMap((plan) => plan.steps)

test('the same seed makes the same plan, another seed another', () => {
  expect(makePlan(7)).toEqual(makePlan(7))
  expect(makePlan(7)).not.toEqual(makePlan(8))
})

test('two hundred seeds in a row have every deed, every weather and every way to begin', () => {
  const deeds = new Set(steps.map((step) => step.do))
  expect(deeds.size).toBe(20)
  const weathers = steps.flatMap((step) => (step.do === 'weather' ? [step.weather] : []))
  expect(new Set(weathers)).toEqual(new Set([...WEATHERS, 'fair']))
  const ways = plans.flatMap(({ tabs }) =>
    tabs
      .flatMap(({ wishes }) => wishes)
      .map(({ from, snapshot, history }) => {
        if (history !== undefined) return 'history'
        const beginning = typeof from === 'string' ? from : from.after ? 'after' : 'all'
        return `${beginning} ${snapshot?.by}`
      }),
  )
  expect(new Set(ways).size).toBe(4 * 3 + 1)
  const offers = plans.flatMap(({ tabs }) => tabs.flatMap((role) => role.offers))
  expect(new Set(offers.map(({ consumer, fails }) => `${consumer} ${fails}`)).size).toBe(2 * 3)
})

test('nothing is published twice in a session', () => {
  for (const plan of plans) {
    const all = plan.steps.flatMap((step) => ('payloads' in step ? step.payloads : []))
    expect(new Set(all).size).toBe(all.length)
  }
})
