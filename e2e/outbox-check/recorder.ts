/**
 * Owns the recorder of a session with its aims, those that have not been fired. A cut is made before
 * its report is answered, so whoever reports stands still until then.
 */
import { createFactRecorder, type FactRecorder } from '../support/fact-recorder.js'
import type { Aim, NumberedAim } from './stages.js'
import type { Fact } from './story.js'

export interface Recorder extends FactRecorder {
  readonly facts: readonly Fact[]
  readonly fired: readonly Aim[]
  record(fact: Fact): void
  /** Nothing is aimed at any more. */
  holdFire(): void
}

export interface RecorderOptions {
  readonly aims: readonly Aim[]
  /** Makes the cut. When it returns, or its promise resolves, whoever reported may go on. */
  cut(aim: Aim): void | Promise<void>
}

export async function createRecorder({ aims, cut }: RecorderOptions): Promise<Recorder> {
  let waiting: readonly NumberedAim[] = aims.map((aim, number) => ({ ...aim, number }))
  const facts: Fact[] = []
  const fired: Aim[] = []

  async function fire(number: number): Promise<void> {
    const aim = waiting.find((one) => one.number === number)
    if (!aim) return
    waiting = waiting.filter((one) => one !== aim)
    fired.push(aim)
    await cut(aim)
  }

  const recorder = await createFactRecorder<Fact>({
    onFact: (fact) => void facts.push(fact),
    async answer(what, which) {
      if (what === 'aims') return JSON.stringify(waiting)
      if (what === 'fired') await fire(Number(which))
      return undefined
    },
  })
  return {
    ...recorder,
    facts,
    fired,
    record: (fact) => void facts.push(fact),
    holdFire() {
      waiting = []
    },
  }
}
