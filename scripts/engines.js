/**
 * Owns the list of engines, and of what the tests cannot have in each: a test that needs such a thing
 * says so with the tag of it, and does not run where it is lacking. The reasons are for people: they
 * are printed by `npm run test:browsers`, and stand in docs/BROWSERS.md.
 */
import { firstLack, leftOut } from './left-out.js'

/** @typedef {'chromium' | 'firefox' | 'webkit'} Engine */

/** @typedef {import('./left-out.js').Test} Test */

/** @type {readonly Engine[]} */
export const ENGINES = ['chromium', 'firefox', 'webkit']

/** What a test may need, and the tag that says so. */
export const NEEDS = /** @type {const} */ ({
  backForwardCache: '@needs-back-forward-cache',
  keptProfile: '@needs-kept-profile',
  killedTab: '@needs-killed-tab',
  clearedDisk: '@needs-cleared-disk',
  evictionReasons: '@needs-eviction-reasons',
  extendedLifetime: '@needs-extended-lifetime',
  limitedDisk: '@needs-limited-disk',
  networkService: '@needs-network-service',
  seenWorkers: '@needs-seen-workers',
  workerClock: '@needs-worker-clock',
  workerDeath: '@needs-worker-death',
})

/** What every test of some files and folders needs. */
const PLACES = /** @type {const} */ ({
  backgroundSync: ['background.spec.ts'],
  locators: ['demo.spec.ts'],
  ownProgram: ['outbox-check/', 'inbox-check/', 'undriven/', 'soak/'],
})

const LOCATORS = 'the demo is steered by Playwright’s locators, and they drive Chromium alone'
const PROGRAMS = 'these programs start, steer and kill Chromium by themselves'

/** @typedef {Readonly<Partial<Record<keyof typeof NEEDS | keyof typeof PLACES, string>>>} Reasons */

/** Why an engine lacks what it lacks. @type {Readonly<Record<Engine, Reasons>>} */
export const LACKS = {
  chromium: {},
  firefox: {
    backForwardCache:
      'Firefox never keeps a page that holds a Web Lock, and every tab of a line does',
    backgroundSync: 'Firefox has no Background Sync',
    evictionReasons: 'Firefox does not say why it has not kept a page',
    extendedLifetime: 'in Firefox a SharedWorker ends with its last page',
    limitedDisk: 'a quota cannot be changed while Firefox runs',
    locators: LOCATORS,
    networkService: 'Firefox has no process of the network whose end its pages survive',
    ownProgram: PROGRAMS,
    workerClock: 'WebDriver BiDi changes nothing in a SharedWorker',
    workerDeath: 'WebDriver BiDi neither ends nor hangs a SharedWorker',
  },
  webkit: {
    backgroundSync: 'WebKit has no Background Sync',
    clearedDisk: 'WebDriver cannot clear the data of a site',
    evictionReasons: 'WebKit does not say why it has not kept a page',
    extendedLifetime: 'in WebKit a SharedWorker ends with its last page',
    keptProfile: 'a WebKitGTK under a driver has no profile: what it keeps ends with it',
    killedTab: 'when the process of a page dies, the driver ends the whole session',
    limitedDisk: 'WebDriver cannot set a quota',
    locators: LOCATORS,
    networkService: 'when the process of the network dies, the driver ends the session',
    ownProgram: PROGRAMS,
    seenWorkers: 'WebDriver shows no SharedWorkers',
    workerClock: 'WebDriver reaches no SharedWorker',
    workerDeath: 'WebDriver reaches no SharedWorker',
  },
}

const ALL = { tags: NEEDS, places: PLACES }

/** What a project of the tests leaves out in an engine. @param {Engine} engine */
export const leftOutIn = (engine) => leftOut(LACKS[engine], ALL)

/** The first thing that a test needs and an engine lacks. @param {Engine} engine @param {Test} test */
export const lackOf = (engine, test) => firstLack(LACKS[engine], ALL, test)
