/**
 * Proves that lint sees what the design forbids: an import against the arrows, and a global outside
 * the file that provides the environment.
 *
 * Each case is a file in a copy of the house that has only our biome.json and these files, so that no
 * room is touched and one run of biome answers for all.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const biome = resolve('node_modules/@biomejs/biome/bin/biome')
const house = mkdtempSync(join(tmpdir(), 'partyline-lint-'))
cpSync('biome.json', join(house, 'biome.json'))
cpSync('.gitignore', join(house, '.gitignore'))
afterAll(() => rmSync(house, { recursive: true }))

interface Report {
  readonly diagnostics: readonly { category: string; location: { path: string } }[]
}

function write(path: string, source: string): string {
  mkdirSync(join(house, dirname(path)), { recursive: true })
  writeFileSync(join(house, path), `${source}\n`)
  return path
}

/** Lints once, when the first case asks; all files are written by then. */
let report: Report | undefined
function rulesBrokenBy(path: string): readonly string[] {
  if (!report) {
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
    const { stdout } = spawnSync(process.execPath, args, { cwd: house, encoding: 'utf8' })
    report = JSON.parse(stdout) as Report
  }
  return report.diagnostics
    .filter(({ location }) => location.path === path)
    .map(({ category }) => category.split('/').at(-1) ?? '')
}

let count = 0
const importing = (folder: string, from: string, ending = 'ts'): string =>
  write(`${folder}/case-${count++}.${ending}`, `import { a } from '${from}'\na()`)

describe('an import against the arrows is an error', () => {
  const against: readonly [string, string, string?][] = [
    ['protocol/wire', '../../worker/broker.js'],
    ['protocol', '../gateway/gateway.js'],
    ['protocol', '../page-client/line.js'],
    ['worker/outbox', '../../page-client/line.js'],
    ['worker/outbox', '../../page-client/line.js', 'test.ts'],
    ['worker', '../gateway/gateway.js'],
    ['worker', '../demo/app.js'],
    ['page-client', '../worker/broker.js'],
    ['page-client', 'partyline/worker'],
    ['page-client', '../bench/fan-out.js'],
    ['gateway/log', '../../worker/broker.js'],
    ['gateway', '../e2e/support/proxy.js'],
    ['demo', '../worker/broker.js'],
    ['e2e', '../worker/broker.js', 'spec.ts'],
  ]
  test.each(against.map(([to, from, ending]) => [importing(to, from, ending), from]))(
    '%s ← %s',
    (path) => expect(rulesBrokenBy(path)).toContain('noRestrictedImports'),
  )

  const along: readonly [string, string, string?][] = [
    ['worker/outbox', '../../protocol/port.js'],
    ['page-client', '../protocol/port.js'],
    ['gateway', '../protocol/index.js'],
    ['demo', 'partyline'],
    ['e2e', '../page-client/api.js', 'spec.ts'],
  ]
  test.each(along.map(([to, from, ending]) => [importing(to, from, ending), from]))(
    '%s ← %s is an arrow',
    (path) => expect(rulesBrokenBy(path)).not.toContain('noRestrictedImports'),
  )
})

const GLOBALS = [
  'new Date()',
  'setTimeout(() => {}, 1)',
  'setInterval(() => {}, 1)',
  'clearTimeout(1)',
  'performance.now()',
  'crypto.randomUUID()',
  "new WebSocket('/')",
  "fetch('/')",
  "indexedDB.open('x')",
  'localStorage.clear()',
  'navigator.onLine',
  'self.name',
  'globalThis.name',
  "console.log('x')",
  'Math.random()',
]

describe('[S140] a global is legal only in environment.ts', () => {
  const rooms = ['protocol', 'worker/connection', 'worker/outbox', 'page-client', 'gateway/session']
  const cases = GLOBALS.flatMap((use, index) =>
    rooms.map((room) => {
      const source = `export const used = (): unknown => ${use}`
      const outside = write(`${room}/global-${index}.ts`, source)
      const inside = write(`${room}/global-${index}/environment.ts`, source)
      return [use, outside, inside] as const
    }),
  )
  const rule = (use: string): string =>
    use === 'Math.random()' ? 'noJsRestrictedProperties' : 'noRestrictedGlobals'

  test.each(cases)('%s in %s', (use, outside, inside) => {
    expect(rulesBrokenBy(outside)).toContain(rule(use))
    expect(rulesBrokenBy(inside)).not.toContain(rule(use))
  })

  const injected = write('worker/injected.ts', 'export const f = (crypto: () => void) => crypto()')
  test('a dependency may have the name of a global', () => {
    expect(rulesBrokenBy(injected)).not.toContain('noRestrictedGlobals')
  })
})
