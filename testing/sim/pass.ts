/** Owns the passing of time when nobody does anything. */
import type { World } from './world.js'

/** Mostly an endless loop. */
const STEPS_MAX = 30_000

/** Lets time pass, at most so much, or until it is so; says whether it is. */
export async function pass(
  { scheduler, apps }: World,
  ms: number,
  until: () => boolean = () => false,
): Promise<boolean> {
  const end = scheduler.now + ms
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    if (until()) return true
    if (!(await scheduler.step(end))) return until()
    for (const { look } of apps) look()
  }
  return until()
}
