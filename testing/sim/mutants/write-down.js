/** Owns the list of the planted bugs in docs/SIMULATION.md: between its two marks all is the program's. */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

const PAGE = resolve(import.meta.dirname, '../../../docs/SIMULATION.md')
const BEGIN = '<!-- planted bugs: npm run sim:mutants -- --write 1 -->'
const END = '<!-- end of the planted bugs -->'

/** @param {readonly import('./hunt.js').Fate[]} fates */
export async function writeDown(fates) {
  const page = await readFile(PAGE, 'utf8')
  const [before = '', rest = ''] = page.split(BEGIN)
  const [, after = ''] = rest.split(END)
  const rows = fates.map(
    ({ mutant: { name, file }, seed = 'lives', promise = '' }) =>
      `| ${name} | ${file} | ${seed} | ${promise} |`,
  )
  const table = ['| mistake | where | seed | what was found |', '|---|---|---|---|', ...rows]
  await writeFile(PAGE, `${before}${BEGIN}\n\n${table.join('\n')}\n\n${END}${after}`)
}
