/**
 * Owns the shrinking of a story: acts are left out, in halves, quarters and one by one, as long as the
 * same promise is broken in the same way. It knows of a run only that it can be told again.
 */
import type { Complaint } from './complaint.js'
import type { Plan } from './plan.js'

export interface Told {
  readonly complaints: readonly Complaint[]
}

export interface Shrunken<Run> {
  readonly plan: Plan
  readonly steps: number
  readonly run: Run
}

const TRIES = 400

export async function shrink<Run extends Told>(
  tell: (plan: Plan, steps: number) => Promise<Run>,
  found: Shrunken<Run>,
): Promise<Shrunken<Run>> {
  const [first] = found.run.complaints
  if (!first) return found
  let best = found
  let tries = 0

  const isSame = ({ complaints }: Told): boolean =>
    complaints.some(({ promise, what }) => promise === first.promise && what === first.what)

  async function attempt(plan: Plan, steps: number): Promise<boolean> {
    tries += 1
    const run = await tell(plan, steps)
    if (!isSame(run)) return false
    best = { plan, steps, run }
    return true
  }

  /** Nothing is done after the last act: then it may be calm at once. */
  const lastOf = (plan: Plan): number => (plan.at(-1)?.at ?? 0) + 1
  await attempt(best.plan, lastOf(best.plan))
  for (let size = best.plan.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.plan.length && tries < TRIES; ) {
      const plan = [...best.plan.slice(0, at), ...best.plan.slice(at + size)]
      const isShorter = (await attempt(plan, best.steps)) || false
      if (!isShorter) at += size
    }
  }
  await attempt(best.plan, lastOf(best.plan))
  return best
}
