/**
 * Owns what a browser is said to lack, so that the broker lives in the host under test: in a browser that
 * really lacks it the page client meets the same absence.
 */
import type { BrowserContext } from '@playwright/test'
import type { Host } from '../../protocol/status.js'

const LACKING: Readonly<Record<Host, string>> = {
  'shared-worker': '',
  'leader-tab': 'delete globalThis.SharedWorker',
  page: 'delete globalThis.SharedWorker; delete Navigator.prototype.locks',
}

/** The query of a page that is to have this host: the page takes away the rest, first of all. */
export const queryOf = (host: Host): string =>
  host === 'shared-worker' ? '' : `?lacking=${encodeURIComponent(LACKING[host])}`

/** As much for the pages of others, who know nothing of it. */
export async function bindToHost(context: BrowserContext, host: Host): Promise<void> {
  await context.addInitScript(LACKING[host])
}
