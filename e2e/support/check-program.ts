/**
 * Owns what the programs behind `npm run check:…` have in common: sessions with the seeds from
 * `--seed` on, in real browsers, so many at a time. The exit code is 1 if a judge had anything to say.
 */
import { chromium } from '@playwright/test'
import config from '../../playwright.config.js'
import { readFlags } from './flags.js'
import type { Stalls, Troupe } from './troupe.js'

export interface Check<Session> {
  readonly summary: Summary<Session>
  gather(stalls: Stalls): Promise<Troupe<Session>>
  /** The story of a session that failed; undefined: it did not. */
  tell(session: Session): string | undefined
}

export interface Summary<Session> {
  add(session: Session): void
  readonly sessions: number
  readonly complaints: number
  print(): string
}

const PROGRESS_EVERY = 25

export async function runCheck<Session>(
  args: readonly string[],
  { summary, gather, tell }: Check<Session>,
): Promise<number> {
  const flags = readFlags(args, { sessions: 200, seed: 1, places: 2 })
  const { launchOptions = {} } = config.projects?.[0]?.use ?? {}
  const places = Math.min(flags.places, flags.sessions)
  const troupe = await gather({ browserType: chromium, launchOptions, places })
  const seeds = Array.from({ length: flags.sessions }, (_, index) => flags.seed + index)
  const begun = performance.now()
  try {
    await troupe.play(seeds, (session) => {
      summary.add(session)
      const story = tell(session)
      if (story !== undefined) console.log(story)
      if (summary.sessions % PROGRESS_EVERY === 0) console.log(`${summary.sessions} sessions`)
    })
  } finally {
    await troupe.close()
  }
  console.log(summary.print())
  console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s`)
  return summary.complaints ? 1 : 0
}
