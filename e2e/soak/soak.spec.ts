/**
 * A soak of a minute, so that what half an hour rests on is true on every day: nothing that was
 * published is lost, doubled or swapped. How memory goes such a moment does not show.
 */
import { expect } from '@playwright/test'
import { test } from '../support/fixtures.js'
import { createTroupe } from '../support/troupe.js'
import type { Result } from './result.js'
import { runSoak } from './run.js'

test('[P3] [P4] [P6] a tab that stays sees everything once and in order, whoever comes, goes and dies', async ({
  playwright,
  launchOptions,
}) => {
  test.setTimeout(300_000)
  const results: Result[] = []
  const troupe = await createTroupe({
    browserType: playwright.chromium,
    launchOptions,
    places: 1,
    scripts: { '/tab.js': 'e2e/soak/page/main.ts' },
    run: (seed, world, profile) =>
      runSoak({ seed, minutes: 1, onProgress: () => {} }, world, profile),
  })
  try {
    await troupe.play([1], (result) => results.push(result))
  } finally {
    await troupe.close()
  }
  expect(results.map(({ complaints }) => complaints)).toEqual([[]])
})
