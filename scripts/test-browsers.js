/**
 * Runs the browser tests in every engine, one after the other: says which browsers it has found, what
 * it ran and how that ended, and which tests an engine leaves out and why. The names of engines behind
 * it (`npm run test:browsers -- firefox`) choose those; what else stands there chooses specs, as it
 * does for Playwright. An engine that is asked for and is not there is a failure: nothing has been
 * shown of it.
 *
 * With `--untimed` it leaves out what promises a time, which a busy machine cannot be asked.
 */
import { ENGINES, LACKS, lackOf } from './engines.js'
import { ensureBrowser } from './ensure-browser.js'
import { everyTest, run, tell } from './playwright-runs.js'

/** @typedef {import('./engines.js').Engine} Engine */

/** @param {Engine} engine @returns {Promise<import('./playwright-runs.js').Outcome>} */
async function runIn(engine) {
  try {
    console.log(`\n── ${engine}: ${await ensureBrowser(engine)}\n`)
  } catch (error) {
    console.error(`\n── ${engine}: ${error instanceof Error ? error.message : error}\n`)
    return { name: engine, passed: 0, failed: 0, seconds: 0, how: 'ABSENT' }
  }
  return run(engine, specs, isTimed)
}

/** @param {Engine} engine @param {readonly import('./engines.js').Test[]} tests */
function tellLeftOut(engine, tests) {
  for (const [need, reason] of Object.entries(LACKS[engine])) {
    tellCount(tests.filter((test) => lackOf(engine, test) === need).length, reason)
  }
  if (isTimed) return
  const timed = tests.filter((test) => test.tags.includes('timed') && !lackOf(engine, test))
  tellCount(timed.length, 'it promises a time, and none was to be judged')
}

/** @param {number} count @param {string} reason */
function tellCount(count, reason) {
  if (count) console.log(`${String(count).padStart(13)} not run: ${reason}`)
}

const UNTIMED = '--untimed'
const isTimed = !process.argv.includes(UNTIMED)
const names = process.argv.slice(2).filter((name) => name !== UNTIMED)
const specs = names.filter((name) => !ENGINES.some((engine) => engine === name))
const asked = ENGINES.filter((engine) => names.length === specs.length || names.includes(engine))

const outcomes = []
for (const engine of asked) outcomes.push({ engine, outcome: await runIn(engine) })

const tests = everyTest(specs)
console.log(`\n── summary: ${tests.length} tests`)
for (const { engine, outcome } of outcomes) {
  tell(outcome)
  tellLeftOut(engine, tests)
}
if (outcomes.some(({ outcome }) => outcome.how !== 'ok')) process.exitCode = 1
