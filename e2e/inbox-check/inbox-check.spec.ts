/**
 * Proves [P6] [P7] [P8] over whole sessions in which everything goes wrong [F14] [F37] [F39] [F40]: a few of
 * those that `npm run check:inbox` runs by the hundred.
 */
import { test as base, expect } from '@playwright/test'
import type { Troupe } from '../support/troupe.js'
import type { Session } from './session.js'
import { tell } from './summary.js'
import { gatherTroupe } from './troupe.js'

const test = base.extend<object, { troupe: Troupe<Session> }>({
  troupe: [
    async ({ playwright, launchOptions }, use) => {
      const { chromium } = playwright
      const troupe = await gatherTroupe({ browserType: chromium, launchOptions, places: 1 })
      await use(troupe)
      await troupe.close()
    },
    { scope: 'worker' },
  ],
})

for (const seed of [1, 2, 3, 4]) {
  test(`[P6] [P7] [P8] session ${seed} has no hole and no repeat, or says so`, async ({
    troupe,
  }) => {
    const failed: string[] = []
    await troupe.play([seed], (session) => {
      failed.push(tell(session) ?? '')
    })
    expect(failed.join('\n')).toBe('')
  })
}
