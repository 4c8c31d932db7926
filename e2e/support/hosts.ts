/**
 * Owns what a browser is said to lack, so that the broker lives in the host under test: in a browser that
 * really lacks it the page client meets the same absence.
 */
import type { BrowserContext } from '@playwright/test'
import type { Host } from '../../protocol/status.js'

export async function bindToHost(context: BrowserContext, host: Host): Promise<void> {
  if (host !== 'shared-worker') {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  }
  if (host === 'page') {
    await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'))
  }
}
