/**
 * Owns the question in which process a page of Chromium lives. The debugger does not say, so the page takes
 * a piece of memory in hand, and its process is the one that grows.
 */
import type { BrowserContext, Page } from '@playwright/test'
import { residentOf } from '../support/processes.js'

const MARK_BYTES = 64 * 1024 * 1024

export async function rendererOf(page: Page, context: BrowserContext): Promise<number> {
  const debug = await context.browser()?.newBrowserCDPSession()
  if (!debug) throw new Error('this browser has no debugger of its own')
  const { processInfo } = await debug.send('SystemInfo.getProcessInfo')
  await debug.detach()
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  const before = renderers.map(residentOf)
  const mark = await page.evaluateHandle((bytes) => new Uint8Array(bytes).fill(1), MARK_BYTES)
  const grown = renderers.map((pid, at) => ({ pid, by: residentOf(pid) - (before[at] ?? 0) }))
  await mark.dispose()
  const [most, next] = grown.toSorted((a, b) => b.by - a.by)
  const half = MARK_BYTES / 1024 / 2
  if (!most || most.by < half || (next && next.by > half)) {
    throw new Error(`which process is it? ${JSON.stringify(grown)}`)
  }
  return most.pid
}
