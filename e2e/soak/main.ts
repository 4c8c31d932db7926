/**
 * The program behind `npm run soak -- --minutes 30 --seed 1`: exit code 1 unless memory was flat and
 * nothing was lost. With --write the picture goes to docs/soak.svg and the figures to docs/figures.json.
 *
 * The browser interprets its scripts. What V8 compiles of them lies in the same heap and grows for hours,
 * the slower the longer: 120 functions, 0.2 MB, between the 100th and the 500th tab of a worker, whose own
 * objects were as many as before. With --compiled 1 it compiles, and that is weighed as well.
 */
import { chromium } from '@playwright/test'
import config from '../../playwright.config.js'
import { readFlags } from '../support/flags.js'
import { createTroupe } from '../support/troupe.js'
import { judge } from './judge.js'
import type { Result } from './result.js'
import { runSoak } from './run.js'
import { write } from './write.js'

export async function main(args: readonly string[]): Promise<number> {
  const isWriting = args.includes('--write')
  const flags = readFlags(
    args.filter((word) => word !== '--write'),
    { minutes: 30, seed: 1, compiled: 0 },
  )
  const { launchOptions = {} } = config.projects?.[0]?.use ?? {}
  const engine = flags.compiled ? [] : ['--js-flags=--jitless']
  const onProgress = (sentence: string): void => console.log(sentence)
  const troupe = await createTroupe({
    browserType: chromium,
    launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), ...engine] },
    places: 1,
    scripts: { '/tab.js': 'e2e/soak/page/main.ts' },
    run: (seed, world, profile) =>
      runSoak({ seed, minutes: flags.minutes, onProgress }, world, profile),
  })
  const results: Result[] = []
  try {
    await troupe.play([flags.seed], (result) => results.push(result))
  } finally {
    await troupe.close()
  }
  const [result] = results
  if (!result) return 1
  const verdict = judge(result)
  console.log(verdict.sentences.join('\n'))
  await write(result, verdict, isWriting ? 'docs' : '.cache')
  return verdict.isGood ? 0 : 1
}
