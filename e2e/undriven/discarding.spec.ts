/**
 * Proves that a tab which the browser freezes or discards in earnest costs the others nothing [P12] [F14]:
 * one that is frozen leaves the line and is back when it thaws, one that is discarded is forgotten.
 */
import { test as base, expect } from '@playwright/test'
import { createGateway } from '../support/gateway.js'
import { startBrowser } from './browser.js'
import { type Control, createControl, type RemotePage } from './control.js'
import { type Discards, openDiscards } from './discards.js'
import { servePage } from './stage.js'

interface Cast {
  readonly discards: Discards
  /** Opens a page and connects it. */
  readonly open: () => Promise<RemotePage>
}

const test = base.extend<Cast & { readonly control: Control }>({
  control: async ({}, use) => {
    const control = await createControl()
    await use(control)
    await control.close()
  },
  discards: async ({ control }, use) => {
    const browser = await startBrowser(control.url)
    const discards = await openDiscards(browser.folder)
    await use(discards)
    discards.close()
    await browser.close()
  },
  open: async ({ control }, use, testInfo) => {
    const gateway = await createGateway(testInfo.outputPath('gateway.db'))
    const site = await servePage()
    const address = { url: `ws://127.0.0.1:${gateway.port}/line`, identity: 'one' }
    await use(async () => {
      const page = await control.open(site.origin)
      await page.ask({ do: 'connect', address })
      return page
    })
    await site.close()
    await gateway.close()
  },
})

const tabsOf = (page: RemotePage) => (): Promise<unknown> => page.ask({ do: 'count-tabs' })

test('[P12] [F14] a tab that is frozen is off the line until it thaws, one that is discarded for good', async ({
  open,
  discards,
}) => {
  const [left, away] = [await open(), await open()]
  for (const page of [left, away]) await expect.poll(tabsOf(page)).toBe(2)

  // Nobody freezes what is seen.
  await discards.show(left.name)
  await discards.freeze(away.name)
  await expect.poll(tabsOf(left)).toBe(1)
  await left.ask({ do: 'warm-up', channel: 'work' })
  await discards.show(away.name)
  await expect.poll(tabsOf(left)).toBe(2)

  await discards.show(left.name)
  await discards.discard(away.name)
  await expect.poll(tabsOf(left)).toBe(1)
  await left.ask({ do: 'warm-up', channel: 'work' })
})
