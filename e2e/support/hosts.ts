/**
 * Owns what a browser is said to lack, so that the broker lives in the host under test: in a browser that
 * really lacks it the page client meets the same absence. And which tests cannot be had in which host, with
 * the reason that a run then prints.
 */
import type { BrowserContext } from '@playwright/test'
import type { Host } from '../../protocol/status.js'

/** The tag of a test of what a SharedWorker alone can do. */
export const SHARED_WORKER = '@shared-worker'
/** The tag of a test of what tabs have in common. */
export const SHARED_LINE = '@shared-line'
/** The tag of a test that chooses its host itself, as its title says. */
export const HOSTS = '@hosts'
/** The tag of a test without a broker. */
export const NO_BROKER = '@no-broker'

const BONDS = {
  [SHARED_WORKER]: {
    notIn: ['leader-tab', 'page'],
    why: 'it is about a worker that outlives its tabs, or stands beside another version of itself',
  },
  [SHARED_LINE]: {
    notIn: ['page'],
    why: 'it is about a line or a disk that tabs have in common, and pages without locks have neither',
  },
  [HOSTS]: { notIn: ['leader-tab', 'page'], why: 'it chooses its hosts itself, and runs once' },
  [NO_BROKER]: { notIn: ['leader-tab', 'page'], why: 'it has no broker, and runs once' },
} as const

export type Bond = keyof typeof BONDS

/** By the project's name, because a test may choose another host than its run. Undefined: it can be had there. */
export function whyNotIn(project: string, tags: readonly string[]): string | undefined {
  const isBond = (tag: string): tag is Bond => Object.hasOwn(BONDS, tag)
  const excludes = (bond: Bond): boolean => BONDS[bond].notIn.some((host) => host === project)
  const bond = tags.filter(isBond).find(excludes)
  return bond && BONDS[bond].why
}

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
