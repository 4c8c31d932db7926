/** Owns where the picture and the figures of a soak go. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { circumstances } from '../../scripts/circumstances.js'
import { NAMES, type Verdict, WEIGHED } from './judge.js'
import { plot } from './plot.js'
import type { Result } from './result.js'

/** Writes soak.svg, and an entry of figures.json, into the folder. */
export async function write(result: Result, verdict: Verdict, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'soak.svg'), plot(result, verdict))
  const file = join(folder, 'figures.json')
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const { minutes, seed, lives, events, deaths } = result
  const soak = {
    ...(await circumstances()),
    minutes,
    seed,
    tabs: lives,
    events,
    deaths: deaths.length,
    complaints: result.complaints.length,
    memory: WEIGHED.map((weighed) => {
      const { usual, perMinute, atLeast, atMost, verdict: found } = verdict.growth[weighed]
      return {
        of: NAMES[weighed],
        bytes: Math.round(usual),
        'percent a minute': hundredths(perMinute),
        'at least': hundredths(atLeast),
        'at most': hundredths(atMost),
        verdict: found,
      }
    }),
  }
  writeFileSync(file, `${JSON.stringify({ ...before, soak }, null, 2)}\n`)
}

const hundredths = (share: number): number => Math.round(share * 10_000) / 100
