/**
 * Owns a run of Playwright as a number: what passed, what failed, how long it took, and, from a listing,
 * which tests there are, so that those which were left out can be counted too.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'

/** @typedef {import('./left-out.js').Test} Test */
/** @typedef {{ specs?: readonly Test[], suites?: readonly Suite[] }} Suite */
/** @typedef {{ name: string, passed: number, failed: number, seconds: number, how: 'ok' | 'FAILED' | 'ABSENT' }} Outcome */

const LISTING = '.cache/tests.json'

/** @param {string} name @param {boolean} isTimed */
const projectsOf = (name, isTimed) => [
  `--project=${name}`,
  ...(isTimed ? [`--project=${name}-timed`] : []),
]

/** @param {string} report @param {readonly string[]} args @param {'inherit' | 'ignore'} output */
function playwright(report, args, output) {
  mkdirSync('.cache', { recursive: true })
  rmSync(report, { force: true })
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = ['ignore', output, 'inherit']
  const { status } = spawnSync('npx', ['playwright', 'test', ...args], { stdio, env })
  return status === 0
}

/** What a run, of Vitest too, has left there; undefined: nothing that could be read. @param {string} report */
export function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return undefined
  }
}

/** Where the run of that name leaves its report. @param {string} name */
export const reportOf = (name) => `.cache/${name}.json`

/** What a report counts; what was not begun, because something before it failed, was not shown either. @param {string} report */
export function countIn(report) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = readReport(report)?.stats ?? {}
  return { passed: expected, failed: unexpected + flaky + skipped }
}

/** @param {Suite} suite @returns {readonly Test[]} */
const testsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(testsOf)]

/** Chromium with SharedWorkers lacks nothing, so its tests are all there are. @param {readonly string[]} specs */
export function everyTest(specs) {
  const projects = projectsOf('chromium', true)
  playwright(LISTING, ['--list', '--reporter=json', ...projects, ...specs], 'ignore')
  return testsOf(readReport(LISTING) ?? {})
}

/** The projects of that name, the one with the timed tests last, if at all. @param {string} name @param {readonly string[]} specs @param {boolean} [isTimed] @returns {Outcome} */
export function run(name, specs, isTimed = true) {
  const report = reportOf(name)
  const start = performance.now()
  const args = ['--reporter=list,json', ...projectsOf(name, isTimed), ...specs]
  const isGreen = playwright(report, args, 'inherit')
  const { passed, failed } = countIn(report)
  const seconds = Math.round((performance.now() - start) / 1000)
  return { name, passed, failed, seconds, how: isGreen && passed > 0 ? 'ok' : 'FAILED' }
}

/** @param {Outcome} outcome */
export function tell({ name, passed, failed, seconds, how }) {
  console.log(
    `${how.padEnd(7)} ${name.padEnd(10)} ${passed} passed, ${failed} failed, ${seconds} s`,
  )
}
