/**
 * Runs the browser tests in every engine, one after the other: says which browsers it has found, what
 * it ran and how that ended, and which tests an engine leaves out and why. The names of engines behind
 * it (`npm run test:browsers -- firefox`) choose those; what else stands there chooses specs, as it
 * does for Playwright. An engine that is asked for and is not there is a failure: nothing has been
 * shown of it.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { ENGINES, LACKS, lackOf } from './engines.js'
import { ensureBrowser } from './ensure-browser.js'

/** @typedef {import('./engines.js').Engine} Engine */
/** @typedef {{ specs?: readonly import('./engines.js').Test[], suites?: readonly Suite[] }} Suite */

const LISTING = '.cache/tests.json'

/** @param {Engine} engine */
const projectsOf = (engine) => [`--project=${engine}`, `--project=${engine}-timed`]

/** @param {string} report @param {readonly string[]} args @param {'inherit' | 'ignore'} output */
function playwright(report, args, output) {
  rmSync(report, { force: true })
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = ['ignore', output, 'inherit']
  const { status } = spawnSync('npx', ['playwright', 'test', ...args], { stdio, env })
  return status === 0
}

/** @param {string} report */
function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {Suite} suite @returns {readonly import('./engines.js').Test[]} */
const testsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(testsOf)]

/** Chromium lacks nothing, so its tests are all there are. @param {readonly string[]} specs */
function everyTest(specs) {
  playwright(LISTING, ['--list', '--reporter=json', ...projectsOf('chromium'), ...specs], 'ignore')
  return testsOf(read(LISTING) ?? {})
}

/** @param {Engine} engine @param {readonly string[]} specs */
async function run(engine, specs) {
  const report = `.cache/${engine}.json`
  const start = performance.now()
  try {
    console.log(`\n── ${engine}: ${await ensureBrowser(engine)}\n`)
  } catch (error) {
    console.error(`\n── ${engine}: ${error instanceof Error ? error.message : error}\n`)
    return { engine, passed: 0, failed: 0, seconds: 0, how: 'ABSENT' }
  }
  const isGreen = playwright(
    report,
    ['--reporter=list,json', ...projectsOf(engine), ...specs],
    'inherit',
  )
  const { expected: passed = 0, unexpected = 0, flaky = 0 } = read(report)?.stats ?? {}
  const seconds = Math.round((performance.now() - start) / 1000)
  const how = isGreen && passed > 0 ? 'ok' : 'FAILED'
  return { engine, passed, failed: unexpected + flaky, seconds, how }
}

/** @param {Engine} engine @param {readonly import('./engines.js').Test[]} tests */
function tellLeftOut(engine, tests) {
  for (const [need, reason] of Object.entries(LACKS[engine])) {
    const count = tests.filter((test) => lackOf(engine, test) === need).length
    if (count) console.log(`${String(count).padStart(13)} not run: ${reason}`)
  }
}

mkdirSync('.cache', { recursive: true })
const names = process.argv.slice(2)
const specs = names.filter((name) => !ENGINES.some((engine) => engine === name))
const asked = ENGINES.filter((engine) => names.length === specs.length || names.includes(engine))

const outcomes = []
for (const engine of asked) outcomes.push(await run(engine, specs))

const tests = everyTest(specs)
console.log(`\n── summary: ${tests.length} tests`)
for (const { engine, passed, failed, seconds, how } of outcomes) {
  console.log(
    `${how.padEnd(7)} ${engine.padEnd(9)} ${passed} passed, ${failed} failed, ${seconds} s`,
  )
  tellLeftOut(engine, tests)
}
if (outcomes.some(({ how }) => how !== 'ok')) process.exitCode = 1
