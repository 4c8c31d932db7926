import { expect, it } from 'vitest'
import type { InstanceId } from './ids.js'
import { bodyLockName, generationOf, type Life, lifeLockName, readCensus } from './lives.js'

const LINE = 'partyline:["wss://a:1/line"]'
const life = (generation: number, instance: string, isSpare = false): Life => ({
  generation,
  isSpare,
  instance: instance as InstanceId,
})
const healthy = (generation: number, name: string): string[] => [
  lifeLockName(LINE, life(generation, name)),
  bodyLockName(LINE, life(generation, name)),
]
const hung = (generation: number, name: string): string[] => [
  bodyLockName(LINE, life(generation, name)),
]
const choice = (held: string[], ...silent: string[]): number =>
  generationOf(readCensus(LINE, held), new Set(silent as InstanceId[]))

it('[P12][S134] tells the living from those that hang, of its own line', () => {
  const others = ['partyline:["wss://b/line"]:life:7:z', `${LINE}:line`, `${LINE}:tab:t`]
  const spare = life(10, 'z', true)
  const held = [...others, ...healthy(1, 'y'), ...hung(0, 'x'), lifeLockName(LINE, spare)]
  expect(readCensus(LINE, held)).toEqual({ living: [life(1, 'y'), spare], hung: [life(0, 'x')] })
})

it('[P12][F2][S87] names one generation to everybody, and comes to rest at the base name', () => {
  expect(choice([])).toBe(0)
  expect(choice(healthy(0, 'x'))).toBe(0)
  // Silent to us: the next one, as for everybody who says so.
  expect(choice(healthy(0, 'x'), 'x')).toBe(1)
  expect(choice([...hung(0, 'x'), ...healthy(1, 'y')])).toBe(1)
  // The successor has ended, the hung one burns on.
  expect(choice(hung(0, 'x'))).toBe(1)
  expect(choice([...healthy(0, 'x'), ...healthy(2, 'z')])).toBe(2)
  expect(choice([...healthy(0, 'x'), ...healthy(2, 'z')], 'x')).toBe(2)
  expect(choice([...healthy(0, 'x'), ...healthy(0, 'y')], 'x')).toBe(1)
  expect(choice([...hung(0, 'x'), ...hung(3, 'z')])).toBe(4)
  // What was silent has gone.
  expect(choice([], 'x', 'y')).toBe(0)
})
