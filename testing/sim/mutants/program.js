/**
 * Runs the simulation on every planted bug until it is found: `npm run sim:mutants -- --runs N`. A mutant
 * that lives through all runs is a failure.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import process from 'node:process'
import { bundle } from '../bundle.js'
import { MUTANTS } from './list.js'

const ROOT = resolve(import.meta.dirname, '../../..')
const START = resolve(import.meta.dirname, '../start.js')
const MAIN = resolve(import.meta.dirname, '../main.ts')

/**
 * @param {import('./list.js').Mutant} mutant
 * @returns {import('vite').Plugin}
 */
function planting({ name, file, line, instead }) {
  const target = resolve(ROOT, file)
  return {
    name: 'planted-bug',
    enforce: 'pre',
    transform(code, id) {
      if (id !== target) return undefined
      const parts = code.split(line)
      if (parts.length !== 2)
        throw new Error(`"${name}": its line is ${parts.length - 1} times in ${file}`)
      return parts.join(instead)
    },
  }
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<string>} what it printed
 */
function play(file, args) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [START, file, ...args])
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
    })
    child.stderr.pipe(process.stderr)
    child.on('error', failed)
    // One that has not run at all has not lived either.
    child.on('close', () =>
      /^\d+ runs, /m.test(said) ? done(said) : failed(new Error(`${file} did not run`)),
    )
  })
}

const given = process.argv.slice(2)
let alive = 0
for (const [index, mutant] of MUTANTS.entries()) {
  const file = await bundle(MAIN, { name: `mutant-${index + 1}`, plugins: [planting(mutant)] })
  const said = await play(file, ['--shrink', '0', '--first', '1', ...given])
  const seed = /^seed (\d+)/m.exec(said)?.[1]
  const promise = /^ (P\d+ [\w-]+)/m.exec(said)?.[1]
  if (seed === undefined) alive += 1
  console.log(
    `${seed === undefined ? 'LIVES' : `killed by seed ${seed}, ${promise}`}: ${mutant.name}`,
  )
}
console.log(`${MUTANTS.length - alive} of ${MUTANTS.length} killed`)
process.exitCode = alive ? 1 : 0
