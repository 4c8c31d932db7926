/**
 * Owns the cast of the experiment: an origin with a page of its own, a gateway's process, and a
 * browser that nobody drives. A browser serves a batch of pages, because every line that it has seen
 * may keep a worker for minutes.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformWithOxc } from 'vite'
import { createGateway } from '../support/gateway.js'
import { createSite, type Site } from '../support/site.js'
import { startBrowser } from './browser.js'
import { type Arrivals, type Closing, runClosings } from './closings.js'
import { createControl } from './control.js'

export interface Stage {
  run(closing: Closing, times: number): Promise<readonly Arrivals[]>
  close(): Promise<void>
}

const BATCH = 25

export async function createStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'partyline-closing-'))
  const gateway = await createGateway(join(folder, 'gateway.db'))
  const site = await servePage()
  const url = `ws://127.0.0.1:${gateway.port}/line`

  async function runBatch(closing: Closing, times: number): Promise<readonly Arrivals[]> {
    const control = await createControl()
    const browser = await startBrowser(control.url)
    try {
      return await runClosings(closing, times, { control, gateway, origin: site.origin, url })
    } finally {
      await browser.close()
      await control.close()
    }
  }

  return {
    async run(closing, times) {
      const all: Arrivals[] = []
      while (all.length < times) {
        all.push(...(await runBatch(closing, Math.min(BATCH, times - all.length))))
      }
      return all
    },
    async close() {
      await site.close()
      await gateway.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An origin whose one page is that of the experiments. */
export async function servePage(): Promise<Site> {
  const site = await createSite()
  const source = await readFile('e2e/undriven/page.ts', 'utf8')
  site.serve('/tab.js', (await transformWithOxc(source, 'page.ts')).code)
  return site
}
