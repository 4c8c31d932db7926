/**
 * Owns the list of hosts in which the tests run once more, without SharedWorkers, and of what they cannot
 * have in each: a test that is bound to other hosts says so with the tag of it. What differs and can be
 * expected all the same is no bond (e2e/support/hosts.ts). The reasons are for people: they are printed by
 * `npm run test:hosts`, and stand in docs/BROWSERS.md.
 */
import { firstLack, leftOut } from './left-out.js'

/** @typedef {'leader-tab' | 'page'} OtherHost */
/** @typedef {import('./left-out.js').Test} Test */

/** @type {readonly OtherHost[]} */
export const OTHER_HOSTS = ['leader-tab', 'page']

/** What binds a test to some hosts, and the tag that says so. */
export const BONDS = /** @type {const} */ ({
  lastingWorker: '@lasting-worker',
  twoWorkers: '@two-workers',
  sharedLine: '@shared-line',
  lastingLine: '@lasting-line',
  disk: '@disk',
  locks: '@locks',
})

/** What every test of some files and folders is bound by. */
const PLACES = /** @type {const} */ ({
  ownHosts: ['fallback.spec.ts', 'mixed.spec.ts'],
  noBroker: ['storage.spec.ts'],
  versions: ['upgrade.spec.ts'],
  ownBrowsers: ['outbox-check/', 'inbox-check/', 'undriven/', 'soak/'],
})

const ONCE = {
  ownHosts: 'it chooses its host itself, as its title says, and runs once',
  noBroker: 'it has no broker, and runs once',
  ownBrowsers: 'these programs choose browser and host by themselves, and run once',
}

/** @typedef {Readonly<Partial<Record<keyof typeof BONDS | keyof typeof PLACES, string>>>} Reasons */

/** Why a host lacks what it lacks. @type {Readonly<Record<OtherHost, Reasons>>} */
export const LACKS = {
  'leader-tab': {
    ...ONCE,
    lastingWorker: 'it is about a worker that outlives its tabs, and a leader’s ends with its tab',
    twoWorkers: 'it is about two workers side by side, and there is one leader',
  },
  page: {
    ...ONCE,
    lastingWorker: 'it is about a worker that outlives its tabs, and a page’s ends with it',
    twoWorkers:
      'it is about which of two workers has the line, and every page has a line of its own',
    versions: 'it is about two versions on one line, and every page has a line of its own',
    sharedLine: 'it is about what tabs have in common, and such pages share nothing',
    lastingLine:
      'a line of one page ends with it: what it had sent and nobody had confirmed may be done twice',
    disk: 'it is about what lies on disk, and such a line is in memory alone',
    locks: 'it takes a Web Lock to tell of an end, and there are none',
  },
}

const ALL = { tags: BONDS, places: PLACES }

/** What the projects of a host leave out. @param {OtherHost} host */
export const leftOutIn = (host) => leftOut(LACKS[host], ALL)

/** The first thing that binds a test to other hosts. @param {OtherHost} host @param {Test} test */
export const bondOf = (host, test) => firstLack(LACKS[host], ALL, test)
