/**
 * Owns the hunt for one planted bug: the simulation as a process of its own, up to its first complaint. What
 * the sound code is found guilty of with the same seed has found nothing, and the hunt goes on behind it.
 */
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

/** @typedef {{ readonly seed: number, readonly runs: number }} Ground where to look */

/**
 * @param {import('./list.js').Mutant} mutant
 * @param {{ file: string, sound: string }} bundles with the planted bug, and without
 * @param {Ground} ground
 * @param {readonly string[]} given for the simulation
 * @returns {Promise<Fate>}
 */
export async function hunt(mutant, { file, sound }, { seed: first, runs }, given) {
  const end = first + runs
  for (let from = first; from < end; ) {
    const said = await play(file, given, { seed: from, runs: end - from })
    const seed = /^seed (\d+)/m.exec(said)?.[1]
    if (seed === undefined) return { mutant }
    const promise = /^ (P\d+ [\w-]+)/m.exec(said)?.[1]
    const alone = await play(sound, given, { seed: Number(seed), runs: 1 })
    if (!/^seed /m.test(alone)) return { mutant, seed, ...(promise && { promise }) }
    console.error(`seed ${seed} breaks a promise by itself`)
    from = Number(seed) + 1
  }
  return { mutant }
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
 * @param {readonly string[]} given
 * @param {Ground} ground
 * @returns {Promise<string>} what it printed
 */
function play(file, given, { seed, runs }) {
  const args = [...BRIEFLY, ...given, '--seed', String(seed), '--runs', String(runs)]
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
