/** Owns the list of the planted bugs in docs/SIMULATION.md, read and written: between its two marks all is the program's. */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MUTANTS } from './list.js'

const PAGE = resolve(import.meta.dirname, '../../../docs/SIMULATION.md')
const BEGIN = '<!-- planted bugs: npm run sim:mutants -- --write 1 -->'
const END = '<!-- end of the planted bugs -->'

/** @param {import('./list.js').Mutant} mutant */
const startOf = ({ name, file }) => `| ${name} | ${file} |`

/** @returns {Promise<ReadonlyMap<import('./list.js').Mutant, number>>} with which each was found */
export async function recordedSeeds() {
  const rows = (await readFile(PAGE, 'utf8')).split('\n')
  const seeds = new Map()
  for (const mutant of MUTANTS) {
    const row = rows.find((one) => one.startsWith(startOf(mutant)))
    const seed = row && /^ (\d+) \|/.exec(row.slice(startOf(mutant).length))?.[1]
    if (seed !== undefined) seeds.set(mutant, Number(seed))
  }
  return seeds
}

/**
 * Those that were not hunted this time keep what was found before.
 *
 * @param {readonly import('./hunt.js').Fate[]} fates
 */
export async function writeDown(fates) {
  const page = await readFile(PAGE, 'utf8')
  const [before = '', rest = ''] = page.split(BEGIN)
  const [old = '', after = ''] = rest.split(END)
  const rows = MUTANTS.map((mutant) => {
    const start = startOf(mutant)
    const fate = fates.find((one) => one.mutant === mutant)
    const known = old.split('\n').find((row) => row.startsWith(start))
    if (!fate) return known ?? `${start} not hunted yet | |`
    return `${start} ${fate.seed ?? 'lives'} | ${fate.promise ?? ''} |`
  })
  const table = ['| mistake | where | seed | what was found |', '|---|---|---|---|', ...rows]
  await writeFile(PAGE, `${before}${BEGIN}\n\n${table.join('\n')}\n\n${END}${after}`)
}
