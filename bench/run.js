/**
 * Runs the benchmarks: `npm run bench`, or `npm run bench -- sizes` for one question.
 */
import { fanOut } from './fan-out.js'
import { sizes } from './sizes.js'

const QUESTIONS = { sizes, 'fan-out': fanOut }
const asked = process.argv.slice(2)

for (const [name, ask] of Object.entries(QUESTIONS)) {
  if (asked.length && !asked.includes(name)) continue
  if ((await ask()) === false) process.exitCode = 1
}
