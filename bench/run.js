/**
 * Runs the benchmarks: `npm run bench`, or `npm run bench -- sizes` for one question. With --write the
 * answers go to docs/figures.json, from which README.md has its figures.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { circumstances } from '../scripts/circumstances.js'
import { fanOut } from './fan-out.js'
import { sizes } from './sizes.js'
import { storm } from './storm.js'

const FIGURES = 'docs/figures.json'
const QUESTIONS = { sizes, storm, 'fan-out': fanOut }
const asked = process.argv.slice(2).filter((word) => word in QUESTIONS)

/** @type {Record<string, unknown>} */
const answers = {}
for (const [name, ask] of Object.entries(QUESTIONS)) {
  if (!asked.length || asked.includes(name)) answers[name] = await ask()
}

if (process.argv.includes('--write')) {
  const before = existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, 'utf8')) : {}
  // The others come out the same on any day and any machine.
  const when = 'fan-out' in answers ? await circumstances() : {}
  writeFileSync(FIGURES, `${JSON.stringify({ ...before, ...when, ...answers }, null, 2)}\n`)
}
