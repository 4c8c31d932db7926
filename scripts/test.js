/**
 * Runs everything that a change has to pass, in the order in which it fails fastest, and ends with
 * what ran, how long it took and how many tests passed. Exits with 1 if any stage failed.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { ensureBrowser } from './ensure-browser.js'

const UNIT_REPORT = '.cache/unit.json'
const E2E_REPORT = '.cache/e2e.json'

/** @typedef {{ name: string, script: string, args?: readonly string[], needs?: () => Promise<unknown> }} Stage */

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
  {
    name: 'e2e',
    script: 'test:e2e',
    args: ['--reporter=list,json'],
    needs: () => ensureBrowser('chromium'),
  },
]

/** A test that loops for ever must not hold up a machine for ever. */
const STAGE_LIMIT_MS = 25 * 60_000

/**
 * Runs a script of package.json in a process group of its own, which ends as a whole.
 * @param {string} script @param {readonly string[]} args
 * @returns {Promise<boolean>}
 */
function runScript(script, args) {
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: E2E_REPORT }
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
async function run({ name, script, args = [], needs }) {
  console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}`)
  const start = performance.now()
  let passed = false
  try {
    await needs?.()
    passed = await runScript(script, args)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  return { name, passed, seconds: (performance.now() - start) / 1000 }
}

/** @param {string} file */
function report(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** What the runners themselves counted. */
function count() {
  const unit = report(UNIT_REPORT)
  const e2e = report(E2E_REPORT)?.stats
  return {
    passed: (unit?.numPassedTests ?? 0) + (e2e?.expected ?? 0),
    failed: (unit?.numFailedTests ?? 0) + (e2e?.unexpected ?? 0) + (e2e?.flaky ?? 0),
  }
}

mkdirSync('.cache', { recursive: true })
for (const file of [UNIT_REPORT, E2E_REPORT]) rmSync(file, { force: true })

const results = []
for (const stage of STAGES) {
  const result = await run(stage)
  results.push(result)
  // Without a build the rest would test yesterday's.
  if (stage.script.startsWith('build') && !result.passed) break
}

console.log(`\n── summary ${'─'.repeat(63)}`)
for (const { name, passed, seconds } of results) {
  console.log(
    `${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`,
  )
}
for (const { name } of STAGES.slice(results.length)) console.log(`not run ${name}`)

const { passed, failed } = count()
const broken = results.filter((result) => !result.passed).length
if (broken) process.exitCode = 1
console.log(`${passed} passed, ${Math.max(failed, broken)} failed`)
