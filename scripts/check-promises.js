/**
 * Holds docs/GUARANTEES.md and docs/STATES.md against the titles of the tests: prints which files cite
 * which promise (P), how many faults (F) and clauses (G, S) are cited, and fails when one of them is
 * cited by no test, a citation names nothing, or a name is given twice. A promise may go without a
 * test as long as the page does not call it kept.
 *
 * `npm run check:promises -- --of G12` lists the tests of one.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { citationsOf, clausesOf, faultsOf } from './citations.js'

const FAULTS = 46

const guarantees = readFileSync('docs/GUARANTEES.md', 'utf8')
const states = readFileSync('docs/STATES.md', 'utf8')

const TESTS = ['*.test.ts', '*.spec.ts', '*-contract*.ts']
const citations = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...TESTS])
  .toString()
  .split('\n')
  .filter(Boolean)
  .flatMap((file) => citationsOf(file, readFileSync(file, 'utf8')))

/** @param {string} name */
const citing = (name) => citations.filter((citation) => citation.name === name)

/** @param {string} name */
function list(name) {
  for (const { at, title } of citing(name)) console.log(`${at}  ${title}`)
  if (citing(name).length) return
  console.error(`No test cites ${name}.`)
  process.exitCode = 1
}

function check() {
  const rows = [...guarantees.matchAll(/^\| (P\d+) \|(.*)$/gm)]
  const promises = rows.map(([, name = '']) => name)
  const unkept = rows.filter(([, , row = '']) => !/\| kept\b/.test(row)).map(([, name]) => name)
  const faults = Array.from({ length: FAULTS }, (_, i) => `F${i + 1}`)
  const pages = { 'docs/GUARANTEES.md': clausesOf(guarantees), 'docs/STATES.md': clausesOf(states) }

  for (const name of promises) {
    const files = new Set(citing(name).map(({ at }) => at.replace(/:\d+$/, '')))
    console.log(`${name}: ${[...files].join(', ') || 'no test'}`)
  }
  const all = { promises, faults, ...pages }
  const { uncited, unknown, doubled } = faultsOf(Object.values(all).flat(), citations)
  for (const [what, names] of Object.entries(all)) {
    const cited = names.filter((name) => !uncited.includes(name))
    console.log(`${what}: ${cited.length} of ${names.length} cited`)
  }
  const wrong = [
    ...uncited.filter((name) => !unkept.includes(name)).map((name) => `${name}: cited by no test`),
    ...unknown.map(({ name, at }) => `${name}: cited in ${at}, and there is no such thing`),
    ...doubled.map((name) => `${name}: given twice`),
  ]
  for (const complaint of wrong) console.error(complaint)
  if (wrong.length) process.exitCode = 1
}

const [option, name] = process.argv.slice(2)
if (option === '--of' && name) list(name)
else check()
