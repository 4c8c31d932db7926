/** Proves that what the tests leave out in a host is known, needed, and told to people. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BONDS, bondOf, LACKS, leftOutIn, OTHER_HOSTS } from './hosts.js'

const specs = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'e2e/*.spec.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(file))
  .map((file) => readFileSync(file, 'utf8'))
  .join('')

test.each(Object.keys(BONDS))('some test is bound by %s', (bond) => {
  expect(specs).toContain(`BONDS.${bond}`)
})

test.each(Object.keys(BONDS))('some host lacks what %s asks for', (bond) => {
  expect(OTHER_HOSTS.some((host) => bond in LACKS[host])).toBe(true)
})

test.each(OTHER_HOSTS)('docs/BROWSERS.md says what %s lacks, and why', (host) => {
  const page = readFileSync('docs/BROWSERS.md', 'utf8')
  for (const [bond, reason] of Object.entries(LACKS[host])) {
    expect(page.split('\n').find((row) => row.startsWith(`| ${bond} |`))).toContain(reason)
  }
})

test('a test is left out for a tag or for its place', () => {
  expect(bondOf('leader-tab', { file: 'cut.spec.ts', tags: ['disk'] })).toBeUndefined()
  expect(bondOf('page', { file: 'cut.spec.ts', tags: ['timed', 'disk'] })).toBe('disk')
  expect(bondOf('page', { file: 'upgrade.spec.ts', tags: [] })).toBe('versions')
  expect(bondOf('leader-tab', { file: 'soak/soak.spec.ts', tags: [] })).toBe('ownBrowsers')
  const { grepInvert, testIgnore } = leftOutIn('page')
  expect(grepInvert.test('what is queued @disk')).toBe(true)
  expect(grepInvert.test('a full disk @needs-limited-disk')).toBe(false)
  expect(testIgnore).toContain('**/soak/**')
})
