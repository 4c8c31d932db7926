/**
 * Owns one run: a world, a plan, the storm, the calm, the verdict. The same seed and plan make the same
 * run, byte for byte.
 */
import { play } from './acts.js'
import { tabEnds } from './blows.js'
import { calm } from './calm.js'
import type { Complaint } from './complaint.js'
import { findLeaks } from './oracles/leaks.js'
import { watchOneLine } from './oracles/one-line.js'
import { watchPatience } from './oracles/patience.js'
import { watchScreens } from './oracles/screens.js'
import { watchSilence } from './oracles/silence.js'
import { judge } from './oracles/verdict.js'
import type { Plan } from './plan.js'
import type { Happening } from './scheduler.js'
import { createWorld } from './world.js'

export interface Run {
  readonly seed: number
  readonly steps: number
  readonly complaints: readonly Complaint[]
  readonly trace: readonly Happening[]
  readonly chronicle: readonly string[]
}

export async function run(seed: number, plan: Plan, steps: number): Promise<Run> {
  const world = await createWorld(seed)
  const { scheduler } = world
  const found: Complaint[] = []
  const watches = [watchOneLine, watchSilence, watchPatience, watchScreens].map((one) => one(world))
  let next = 0
  /** So many steps went by in which nothing was to be done. */
  let late = 0
  for (let step = 0; step < steps; step++) {
    for (; scheduler.now >= world.quietUntil; next++) {
      const { at = Infinity, act } = plan[next] ?? {}
      if (!act || at + late > step) break
      await scheduler.act(act.do, () => play(world, act))
    }
    if (scheduler.now < world.quietUntil) late += 1
    if (!(await scheduler.step())) step = (plan[next]?.at ?? steps) + late - 1
    for (const { look } of world.apps) look()
    for (const app of world.apps.filter(({ isSignedOut }) => isSignedOut))
      tabEnds(world, app, 'closed')
    world.ambushes.look(world)
    const seen = watches.map((watch) => watch()).find(Boolean)
    const complaint = seen ?? world.records.complaints[0]
    if (complaint) {
      found.push(complaint)
      break
    }
  }
  world.records.tell('— calm —')
  if (!found.length) {
    found.push(...judge(world, await calm(world)), ...world.records.complaints)
    if (!found.length) found.push(...(await findLeaks(world)))
  }
  await world.close()
  const { trace } = scheduler
  const { chronicle } = world.records
  return { seed, steps: scheduler.steps, complaints: found, trace, chronicle }
}
