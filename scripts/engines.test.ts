/** Proves that what the tests leave out in an engine is known, needed, and told to people. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ENGINES, LACKS, lackOf, leftOutIn, NEEDS } from './engines.js'

const specs = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'e2e/*.spec.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean)
  .map((file) => readFileSync(file, 'utf8'))
  .join('')

test.each(Object.keys(NEEDS))('some test needs %s', (need) => {
  expect(specs).toContain(`NEEDS.${need}`)
})

test.each(ENGINES)('docs/BROWSERS.md says what %s lacks, and why', (engine) => {
  const page = readFileSync('docs/BROWSERS.md', 'utf8')
  for (const [need, reason] of Object.entries(LACKS[engine])) {
    expect(page.split('\n').find((row) => row.startsWith(`| ${need} |`))).toContain(reason)
  }
})

test('Chromium leaves nothing out', () => {
  expect(LACKS.chromium).toEqual({})
  const { grepInvert, testIgnore } = leftOutIn('chromium')
  expect(grepInvert.test(`a test ${Object.values(NEEDS).join(' ')}`)).toBe(false)
  expect(testIgnore).toEqual([])
})

test('a test is left out for a tag or for its place', () => {
  expect(lackOf('firefox', { file: 'cut.spec.ts', tags: ['timed'] })).toBeUndefined()
  expect(lackOf('firefox', { file: 'cut.spec.ts', tags: ['needs-limited-disk'] })).toBe(
    'limitedDisk',
  )
  expect(lackOf('webkit', { file: 'undriven/closing.spec.ts', tags: [] })).toBe('ownProgram')
  const { grepInvert, testIgnore } = leftOutIn('firefox')
  expect(grepInvert.test('a full disk @needs-limited-disk')).toBe(true)
  expect(grepInvert.test('a cut @timed')).toBe(false)
  expect(testIgnore).toContain('**/undriven/**')
})
