/**
 * Owns what a browser is said to lack, so that the broker lives in the host under test: in a browser that
 * really lacks it the page client meets the same absence. And what can be expected there: with a broker a
 * page every tab has a line of its own, in memory. Which tests cannot be had at all in a host is the
 * affair of scripts/hosts.js.
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

/** Where a broker of this host keeps what it has been given. */
export const storageIn = (host: Host): 'disk' | 'memory' => (host === 'page' ? 'memory' : 'disk')

/** What becomes of `stored` there, when nothing goes wrong. */
export const storedIn = (host: Host): 'stored' | { readonly code: 'no-storage' } =>
  host === 'page' ? { code: 'no-storage' } : 'stored'

/** One tab of each line that these tabs have: as many lines, as many sockets. */
export function linesOf<One extends { readonly host: Host }>(tabs: readonly One[]): readonly One[] {
  return tabs[0]?.host === 'page' ? tabs : tabs.slice(0, 1)
}

/** How many tabs each of these lines has. */
export const tabsALine = (tabs: readonly { readonly host: Host }[]): number =>
  tabs.length / linesOf(tabs).length
