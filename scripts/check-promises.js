/**
 * Holds docs/GUARANTEES.md against the tests: prints which files cite which promise (P) and which
 * fault (F), and fails when a promise that the page calls kept is cited by none.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const PROMISES = 14
const FAULTS = 46

const files = execFileSync('git', [
  'ls-files',
  '-co',
  '--exclude-standard',
  '*.test.ts',
  '*.spec.ts',
])
  .toString()
  .split('\n')
  .filter(Boolean)

/** @type {Map<string, Set<string>>} */
const citations = new Map()
for (const file of files) {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/\[([PF]\d+)\]/g)) {
    citations.set(name, (citations.get(name) ?? new Set()).add(file))
  }
}

const kept = [...readFileSync('docs/GUARANTEES.md', 'utf8').matchAll(/^\| (P\d+) \|.*\| kept\b/gm)]
const missing = kept.map(([, name = '']) => name).filter((name) => !citations.has(name))

for (let n = 1; n <= PROMISES; n++) {
  console.log(`P${n}: ${[...(citations.get(`P${n}`) ?? [])].join(', ') || 'no test'}`)
}
const faults = Array.from({ length: FAULTS }, (_, i) => `F${i + 1}`)
console.log(`faults cited: ${faults.filter((name) => citations.has(name)).join(' ')}`)
console.log(`faults not cited yet: ${faults.filter((name) => !citations.has(name)).join(' ')}`)
if (missing.length) {
  console.error(`Called kept and cited by no test: ${missing.join(', ')}`)
  process.exitCode = 1
}
