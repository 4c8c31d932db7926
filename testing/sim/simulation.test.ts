import './no-finalizers.js'
import { expect, test } from 'vitest'
import { createPlan } from './plan.js'
import { type Run, run } from './run.js'

/** Disks that break have promises of their own, which these runs do not ask for. */
const WITHOUT = ['disk', 'sever-disk']
const STEPS = 600

/** Each has broken P4 or P5 once, over a lifeboat that met a full outbox. */
const FULL_OUTBOXES = [32, 65, 117]
const FOUND_STEPS = 1_000

const play = (seed: number, steps = STEPS): Promise<Run> =>
  run(seed, createPlan(seed, steps, WITHOUT), steps)

test('the same seed tells the same story, byte for byte', async () => {
  const [once, again] = [await play(8), await play(8)]
  expect(JSON.stringify(again)).toBe(JSON.stringify(once))
  expect(once.trace.length).toBeGreaterThan(STEPS)
})

test('another seed tells another story', async () => {
  const [one, other] = [await play(7), await play(8)]
  expect(JSON.stringify(other.trace)).not.toBe(JSON.stringify(one.trace))
})

test('[P1] [P2] [P3] [P4] [P5] [P6] [P7] whatever breaks, promises are kept', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const { complaints } = await play(seed)
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
  }
})

test('[P4] [P5] what lifeboats bring to a full outbox keeps its place, or its end', async () => {
  for (const seed of FULL_OUTBOXES) {
    const { complaints } = await play(seed, FOUND_STEPS)
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
  }
})
