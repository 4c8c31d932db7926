import './no-finalizers.js'
import { expect, test } from 'vitest'
import { createPlan } from './plan.js'
import { type Run, run } from './run.js'

/** Disks that break have promises of their own, which these runs do not ask for. */
const WITHOUT = ['disk', 'sever-disk']
const STEPS = 600

/** In each a lifeboat meets a full outbox, and what it brings is lost if there is no room for it. */
const FULL_OUTBOXES = [63, 249]
const FOUND_STEPS = 1_000

const play = (seed: number, steps = STEPS): Promise<Run> =>
  run(seed, createPlan(seed, steps, WITHOUT), steps)

test('the same seed tells the same story, byte for byte', async () => {
  const [once, again] = [await play(3), await play(3)]
  expect(JSON.stringify(again)).toBe(JSON.stringify(once))
  expect(once.trace.length).toBeGreaterThan(STEPS)
})

test('another seed tells another story', async () => {
  const [one, other] = [await play(10), await play(3)]
  expect(JSON.stringify(other.trace)).not.toBe(JSON.stringify(one.trace))
})

test('[P1] [P2] [P3] [P4] [P5] [P6] [P7] whatever breaks, promises are kept', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const { complaints } = await play(seed)
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
  }
})

test('[P2] what lifeboats bring to a full outbox is not lost', async () => {
  for (const seed of FULL_OUTBOXES) {
    const { complaints } = await play(seed, FOUND_STEPS)
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
  }
})
