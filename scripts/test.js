/**
 * Runs everything that a change has to pass, in the order in which it fails fastest, and ends with
 * what ran, how long it took, what failed and why, and how many tests passed. Exits with 1 if any stage
 * failed.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { ENGINES } from './engines.js'
import { ensureBrowser } from './ensure-browser.js'
import { failuresIn } from './failures.js'
import { countIn, readReport, reportOf } from './playwright-runs.js'

const UNIT_REPORT = reportOf('unit')
const OTHER_ENGINES = ENGINES.filter((engine) => engine !== 'chromium')

/** Where nobody reads along, an engine that is absent must not look like one that passed. */
const isUnattended = Boolean(process.env.CI)

/**
 * What a stage needs and cannot have breaks it, or, if it may be absent, leaves it out.
 * @typedef {{ name: string, script: string, args?: readonly string[], needs?: () => Promise<unknown>, mayBeAbsent?: boolean }} Stage
 */
/** @typedef {'ok' | 'FAILED' | 'ABSENT'} How */

/** @type {readonly Stage[]} */
const STAGES = [
  { name: 'build', script: 'build' },
  { name: 'demo', script: 'build:demo' },
  { name: 'types', script: 'check:types' },
  { name: 'lint', script: 'check:lint' },
  { name: 'unused', script: 'check:unused' },
  { name: 'promises', script: 'check:promises' },
  { name: 'figures', script: 'check:figures' },
  { name: 'sizes', script: 'check:sizes' },
  {
    name: 'unit',
    script: 'test:unit',
    args: ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`],
  },
  // What promises a time has a stage of its own, lest something red before it leave it unsaid.
  ...['e2e', 'timed'].map((name) => ({
    name,
    script: `test:${name}`,
    args: ['--reporter=list,json'],
    needs: () => ensureBrowser('chromium'),
  })),
  ...OTHER_ENGINES.map((engine) => ({
    name: engine,
    script: 'test:browsers',
    // Each page is a process there: what a time says on two cores is how long their queue is.
    args: [engine, '--untimed'],
    needs: () => ensureBrowser(engine),
    mayBeAbsent: !isUnattended,
  })),
]

/** Failures that are told once more at the end: where everything is red, the first say enough. */
const TOLD = 10

/** A test that loops for ever must not hold up a machine for ever. */
const STAGE_LIMIT_MS = 25 * 60_000

/**
 * Runs a script of package.json in a process group of its own, which ends as a whole.
 * @param {string} script @param {readonly string[]} args @param {string} report
 * @returns {Promise<boolean>}
 */
function runScript(script, args, report) {
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report }
  const npm = spawn('npm', ['run', '--silent', script, '--', ...args], {
    stdio: 'inherit',
    detached: true,
    env,
  })
  const end = () => void (npm.pid && process.kill(-npm.pid, 'SIGKILL'))
  const interrupted = () => {
    end()
    process.exit(130)
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  const timer = setTimeout(() => {
    console.error(`${script}: not done after ${STAGE_LIMIT_MS / 60_000} minutes, ended`)
    end()
  }, STAGE_LIMIT_MS)
  return new Promise((resolve) => {
    npm.once('error', () => resolve(false))
    npm.once('exit', (code) => {
      clearTimeout(timer)
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
      resolve(code === 0)
    })
  })
}

/** @param {Stage} stage */
async function run({ name, script, args = [], needs, mayBeAbsent = false }) {
  console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}`)
  const start = performance.now()
  /** @param {How} how */
  const ended = (how) => ({ name, how, seconds: (performance.now() - start) / 1000 })
  try {
    await needs?.()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return ended(mayBeAbsent ? 'ABSENT' : 'FAILED')
  }
  return ended((await runScript(script, args, reportOf(name))) ? 'ok' : 'FAILED')
}

/** What Vitest counted. */
function countUnits() {
  const { numPassedTests = 0, numFailedTests = 0 } = readReport(UNIT_REPORT) ?? {}
  return { passed: numPassedTests, failed: numFailedTests }
}

const browserReports = ['e2e', 'timed', ...OTHER_ENGINES].map(reportOf)
mkdirSync('.cache', { recursive: true })
for (const file of [UNIT_REPORT, ...browserReports]) rmSync(file, { force: true })

const results = []
for (const stage of STAGES) {
  const result = await run(stage)
  results.push(result)
  // Without a build the rest would test yesterday's.
  if (stage.script.startsWith('build') && result.how !== 'ok') break
}

console.log(`\n── summary ${'─'.repeat(63)}`)
for (const { name, how, seconds } of results) {
  console.log(`${how.padEnd(6)}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`)
}
for (const { name } of STAGES.slice(results.length)) console.log(`not run ${name}`)

const counts = [countUnits(), ...browserReports.map(countIn)]
const passed = counts.reduce((sum, count) => sum + count.passed, 0)
const failed = counts.reduce((sum, count) => sum + count.failed, 0)
const broken = results.filter(({ how }) => how === 'FAILED').length
if (broken) process.exitCode = 1
for (const { name } of results.filter(({ how }) => how === 'ABSENT')) {
  console.log(`NOTHING HAS BEEN SHOWN OF ${name}: it is not on this machine.`)
}
for (const { name, why } of [UNIT_REPORT, ...browserReports].flatMap(failuresIn).slice(0, TOLD)) {
  console.log(`FAILED  ${name}\n${why.replaceAll(/^/gm, ' '.repeat(8))}`)
}
console.log(`${passed} passed, ${Math.max(failed, broken)} failed`)
