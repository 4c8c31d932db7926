/** Owns the hunt for one planted bug: the simulation as a process of its own, up to its first complaint. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import process from 'node:process'

const BRIEFLY = ['--shrink', '0', '--first', '1', '--threads', '1']
const START = resolve(import.meta.dirname, '../start.js')

/**
 * @typedef {object} Fate
 * @property {import('./list.js').Mutant} mutant
 * @property {string} [seed] of the run that found it; absent: it lives
 * @property {string} [promise] what was found broken
 */

/**
 * @param {import('./list.js').Mutant} mutant
 * @param {{ file: string, sound: string }} bundles with the planted bug, and without
 * @param {readonly string[]} given
 * @returns {Promise<Fate>}
 */
export async function hunt(mutant, { file, sound }, given) {
  const said = await play(file, [...BRIEFLY, ...given])
  const seed = /^seed (\d+)/m.exec(said)?.[1]
  // What breaks without it has found nothing.
  const alone = seed && (await play(sound, [...BRIEFLY, ...given, '--runs', '1', '--seed', seed]))
  if (alone && /^seed /m.test(alone)) throw new Error(`seed ${seed} breaks a promise by itself`)
  const promise = /^ (P\d+ [\w-]+)/m.exec(said)?.[1]
  return { mutant, ...(seed && { seed }), ...(promise && { promise }) }
}

/**
 * @param {Fate} fate
 * @returns {string}
 */
export function inWords({ mutant, seed, promise }) {
  return `${seed === undefined ? 'LIVES' : `killed by seed ${seed}, ${promise}`}: ${mutant.name}`
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
