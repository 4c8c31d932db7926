/**
 * Runs the multi-tab tests in a real browser, against the built library.
 *
 * Playwright's defaults switch off what makes tabs differ from one another in real life: the
 * back/forward cache, the throttling of hidden tabs. Here they are on.
 *
 * `npm run test:hosts` runs the suite once more in the other hosts: with a leader tab, and with a broker
 * a page. What a host cannot do by its nature is bound to the others by a tag (fixtures.ts), or by a
 * list here.
 *
 * What promises a time is measured after the rest, by itself: two cores with two browsers and forty
 * processes on them tell how long a queue is, not how fast a broker.
 */
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test'
import { type Engine, leftOutIn } from './scripts/engines.js'
import { findBrowser, isRoot } from './scripts/find-browser.js'

const executablePath = await findBrowser()

const chromium: PlaywrightTestConfig['use'] = {
  browserName: 'chromium',
  launchOptions: {
    ...(executablePath && { executablePath }),
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
    ignoreDefaultArgs: [
      '--disable-back-forward-cache',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  },
}

const specOf = (name: string): string => `**/${name}.spec.ts`

/**
 * The disk is tested in a page, whatever hosts the broker; the death of a worker under living tabs, its
 * versions and a sync with no tab left are about SharedWorkers.
 */
const HOSTLESS = ['storage', 'death', 'two-versions', 'background'].map(specOf)

/** All others are about what tabs have in common, or what is on disk: pages without locks have neither. */
const LONELY = ['bad-input', 'cut', 'frames', 'lifeboat'].map(specOf)

interface Options {
  readonly host: 'shared-worker' | 'leader-tab' | 'page'
}

interface WorkerOptions {
  readonly engine: Engine
}

/** They give every tab a process, or every test a browser: two of these at once are slower than one. */
function projectsOf(engine: Engine) {
  const { grepInvert, testIgnore } = leftOutIn(engine)
  const common = { use: { engine }, testIgnore, workers: 1, timeout: 120_000 }
  return [
    { ...common, name: engine, grepInvert: [/@timed/, grepInvert] },
    { ...common, name: `${engine}-timed`, grep: /@timed/, grepInvert, dependencies: [engine] },
  ]
}

export default defineConfig<Options, WorkerOptions>({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: '.cache/e2e',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  projects: [
    { name: 'chromium', use: chromium, grepInvert: /@timed/ },
    {
      name: 'chromium-timed',
      use: chromium,
      grep: /@timed/,
      workers: 1,
      dependencies: ['chromium'],
    },
    {
      name: 'leader-tab',
      use: { ...chromium, host: 'leader-tab' },
      grepInvert: /@timed|@hosts|@shared-worker/,
      testIgnore: HOSTLESS,
    },
    {
      name: 'page',
      use: { ...chromium, host: 'page' },
      grepInvert: /@timed|@hosts|@shared-worker|@shared-line/,
      testMatch: LONELY,
    },
    ...(['firefox', 'webkit'] as const).flatMap(projectsOf),
  ],
})
