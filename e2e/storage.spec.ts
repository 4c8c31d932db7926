/** Proves [P2] on the real IndexedDB: it passes the contract that its memory twin passes in Node. */
import { expect } from '@playwright/test'
import { storeContract } from '../worker/storage/store-contract.js'
import { bundle } from './support/bundle.js'
import { test as cast } from './support/fixtures.js'

const test = cast.extend<object, { script: string }>({
  script: [async ({}, use) => use(await bundle('e2e/page/store-cases.ts')), { scope: 'worker' }],
})

for (const durability of ['strict', 'relaxed'] as const) {
  test.describe(`${durability} durability`, () => {
    for (const { title } of storeContract) {
      test(`[P2] ${title}`, async ({ page, site, script }) => {
        await page.goto(site.origin)
        await page.addScriptTag({ content: script, type: 'module' })
        await page.waitForFunction(() => 'storeCases' in window)
        const run = page.evaluate(([name, kind]) => window.storeCases.run(name, kind), [
          title,
          durability,
        ] as const)
        await expect(run).resolves.toBeUndefined()
      })
    }
  })
}
