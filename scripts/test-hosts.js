/**
 * Runs the browser tests once more without SharedWorkers: with a leader tab, and with a broker a page.
 * Says how that ended, and which tests each host leaves out and why. The names of hosts behind it
 * (`npm run test:hosts -- page`) choose those; what else stands there chooses specs, as it does for
 * Playwright.
 */
import { ensureBrowser } from './ensure-browser.js'
import { bondOf, LACKS, OTHER_HOSTS } from './hosts.js'
import { everyTest, run, tell } from './playwright-runs.js'

/** @typedef {import('./hosts.js').OtherHost} OtherHost */
/** A test of Playwright’s listing. @typedef {import('./hosts.js').Test & { title?: string }} Listed */

/** @param {OtherHost} host @param {readonly Listed[]} tests */
function tellLeftOut(host, tests) {
  for (const [bond, reason] of Object.entries(LACKS[host])) {
    const bound = tests.filter((test) => bondOf(host, test) === bond)
    if (bound.length) console.log(`${String(bound.length).padStart(13)} not run: ${reason}`)
    for (const { file, title } of bound) console.log(`${''.padStart(17)}${file}: ${title}`)
  }
}

const names = process.argv.slice(2)
const specs = names.filter((name) => !OTHER_HOSTS.some((host) => host === name))
const asked = OTHER_HOSTS.filter((host) => names.length === specs.length || names.includes(host))

await ensureBrowser('chromium')
const outcomes = asked.map((host) => ({ host, outcome: run(host, specs) }))

const tests = everyTest(specs)
console.log(`\n── summary: ${tests.length} tests`)
for (const { host, outcome } of outcomes) {
  tell(outcome)
  tellLeftOut(host, tests)
}
if (outcomes.some(({ outcome }) => outcome.how !== 'ok')) process.exitCode = 1
