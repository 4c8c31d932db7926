/**
 * Proves [P2] [P3] [P4] [P5] over whole sessions in which everything goes wrong [F19] [F25] [F27] [F29]: a
 * few of those that `npm run check:outbox` runs by the hundred.
 */
import { test as base, expect } from '@playwright/test'
import type { Troupe } from '../support/troupe.js'
import { makePlan } from './plan.js'
import type { Session } from './session.js'
import { tell } from './summary.js'
import { gatherTroupe } from './troupe.js'

const test = base.extend<object, { troupe: Troupe<Session> }>({
  troupe: [
    async ({ playwright, launchOptions }, use) => {
      const troupe = await gatherTroupe({
        browserType: playwright.chromium,
        launchOptions,
        places: 1,
      })
      await use(troupe)
      await troupe.close()
    },
    { scope: 'worker' },
  ],
})

for (const seed of [3, 10, 14, 21, 24, 27]) {
  const { stage, cut } = makePlan(seed).aims[0] ?? {}
  test(`[P2] [P3] [P4] [P5] session ${seed} loses, doubles and reorders nothing: ${cut} ${stage}`, async ({
    troupe,
  }) => {
    const failed: string[] = []
    await troupe.play([seed], (session) => {
      failed.push(tell(session) ?? '')
    })
    expect(failed.join('\n')).toBe('')
  })
}
