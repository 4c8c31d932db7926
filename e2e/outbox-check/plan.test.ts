/** Proves that a session can be had again from its seed, and that many of them leave no cut out. */
import { expect, test } from 'vitest'
import { makePlan } from './plan.js'
import { CUTS, STAGES } from './stages.js'

const PAIRS = STAGES.flatMap((stage) => CUTS.map((cut) => `${stage} ${cut}`))

test('the same seed makes the same plan, another seed another', () => {
  expect(makePlan(7)).toEqual(makePlan(7))
  expect(makePlan(7)).not.toEqual(makePlan(8))
})

test('so many seeds in a row as there are pairs aim at every stage with every cut', () => {
  const aimed = PAIRS.map((_, index) => makePlan(100 + index).aims[0])
  expect(new Set(aimed.map((aim) => `${aim?.stage} ${aim?.cut}`))).toEqual(new Set(PAIRS))
})

test('every plan begins by sending, and a key that is used again is the same operation', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { steps } = makePlan(seed)
    expect(steps[0]?.do).toBe('send')
    const known = new Map<string, unknown>()
    for (const sending of steps.flatMap((step) => ('sendings' in step ? step.sendings : []))) {
      expect(known.get(sending.key) ?? sending).toEqual(sending)
      known.set(sending.key, sending)
    }
  }
})
