/**
 * Runs the multi-tab tests in a real browser, against the built library.
 *
 * Playwright's defaults switch off what makes tabs differ from one another in real life: the
 * back/forward cache, the throttling of hidden tabs. Here they are on.
 *
 * `npm run test:hosts` runs the suite once more in the other hosts: with a leader tab, and with a broker
 * a page. What a host cannot do by its nature is bound to the others by a tag (scripts/hosts.js).
 *
 * What promises a time is measured after the rest, by itself: two cores with two browsers and forty
 * processes on them tell how long a queue is, not how fast a broker.
 */
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test'
import { type Engine, leftOutIn } from './scripts/engines.js'
import { findBrowser, isRoot } from './scripts/find-browser.js'
import { leftOutIn as leftOutInHost, OTHER_HOSTS, type OtherHost } from './scripts/hosts.js'

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

interface Options {
  readonly host: 'shared-worker' | OtherHost
}

interface WorkerOptions {
  readonly engine: Engine
}

function projectsIn(host: OtherHost) {
  const { grepInvert, testIgnore } = leftOutInHost(host)
  const common = { use: { ...chromium, host }, testIgnore }
  const timed = { grep: /@timed/, grepInvert, workers: 1, dependencies: [host] }
  return [
    { ...common, name: host, grepInvert: [/@timed/, grepInvert] },
    { ...common, ...timed, name: `${host}-timed` },
  ]
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
    ...OTHER_HOSTS.flatMap(projectsIn),
    ...(['firefox', 'webkit'] as const).flatMap(projectsOf),
  ],
})
