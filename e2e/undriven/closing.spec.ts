/**
 * Proves [P2] in a browser without a driver, which would keep alive what a browser lets die: what is
 * sent in the task in which its page closes arrives, once and in order. `npm run check:closing` does
 * the same a hundred times.
 */
import { expect, test } from '@playwright/test'
import { addUp } from './count.js'
import { CLOSINGS, isWhole } from './main.js'
import { createStage, type Stage } from './stage.js'

let stage: Stage

test.beforeAll(async () => {
  stage = await createStage()
})
test.afterAll(() => stage.close())

for (const closing of CLOSINGS) {
  const { page, company } = closing
  test(`[P2] [P3] [P4] send and close in one task loses nothing: ${page}, ${company}`, async () => {
    const arrivals = await stage.run(closing, 3)
    const { before, after } = {
      before: addUp(arrivals.map((one) => one.before)),
      after: addUp(arrivals.map((one) => one.after)),
    }
    expect(isWhole(closing, arrivals), JSON.stringify({ before, after })).toBe(true)
  })
}
