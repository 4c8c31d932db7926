/**
 * Owns what a browser is said to lack, so that the broker lives in the host under test: in a browser that
 * really lacks it the page client meets the same absence. And the look at where it lives.
 */
import type { BrowserContext } from '@playwright/test'
import type { Host } from '../../protocol/status.js'
import type { Tab } from './tab.js'

export async function bindToHost(context: BrowserContext, host: Host): Promise<void> {
  if (host !== 'shared-worker') {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  }
  if (host === 'page') {
    await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'))
  }
}

/** Whether the tab has a dedicated worker, which is the line's. */
export const leads = ({ page }: Tab): boolean => page.workers().length > 0
