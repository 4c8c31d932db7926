/**
 * Runs the simulation on every planted bug until it is found: `npm run sim:mutants -- --runs N`. A mutant
 * that lives through all runs is a failure. `--write 1` puts the list into docs/SIMULATION.md, `--only` an
 * expression takes those whose name it matches, `--hunts` are so many at a time. All else is for the
 * simulation.
 *
 * `--recorded 1` hunts each with the seed alone that stands in that list, and fails where none does.
 */
import { resolve } from 'node:path'
import process from 'node:process'
import { bundle } from '../bundle.js'
import { hunt, inWords } from './hunt.js'
import { MUTANTS } from './list.js'
import { planting } from './planting.js'
import { recordedSeeds, writeDown } from './write-down.js'

const MAIN = resolve(import.meta.dirname, '../main.ts')

const given = process.argv.slice(2)

/**
 * @param {string} flag
 * @returns {string | undefined} what it was set to; it is ours from now on
 */
function take(flag) {
  const at = given.indexOf(flag)
  return at < 0 ? undefined : given.splice(at, 2)[1]
}

const only = new RegExp(take('--only') ?? '')
const isWriting = take('--write') === '1'
const isRecorded = take('--recorded') === '1'
const hunts = Number(take('--hunts') ?? 2)
const ground = { seed: Number(take('--seed') ?? 1), runs: Number(take('--runs') ?? 100) }
const chosen = MUTANTS.filter(({ name }) => only.test(name))

const seeds = await recordedSeeds()
const sound = await bundle(MAIN, { name: 'sound' })
/** @type {import('./hunt.js').Fate[]} */
const fates = []
/** One after the other, and each at once: a hunt that is ended has told what it found. */
let written = Promise.resolve()
const queue = chosen.entries()

/** @param {import('./list.js').Mutant} mutant */
function groundOf(mutant) {
  const seed = seeds.get(mutant)
  if (!isRecorded) return ground
  return seed === undefined ? { seed: 1, runs: 0 } : { seed, runs: 1 }
}

async function huntAll() {
  for (const [index, mutant] of queue) {
    const name = `mutant-${MUTANTS.indexOf(mutant) + 1}`
    const file = await bundle(MAIN, { name, plugins: [planting(mutant)] })
    const fate = await hunt(mutant, { file, sound }, groundOf(mutant), given).catch((error) => {
      console.error(error)
      return { mutant }
    })
    fates[index] = fate
    console.log(inWords(fate))
    if (isWriting) written = written.then(() => writeDown([fate]))
  }
}

await Promise.all(Array.from({ length: hunts }, huntAll))
const killed = fates.filter(({ seed }) => seed !== undefined).length
console.log(`${killed} of ${chosen.length} killed`)
await written
process.exitCode = killed < chosen.length ? 1 : 0
