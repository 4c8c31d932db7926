/**
 * Proves that a room's types know only what is there where its code runs: a page global in the worker,
 * or anywhere in what the worker imports, does not compile [F7].
 *
 * Each case is a file in a copy of the house that has only our configurations and these files, so that
 * no room is touched and the compiler runs once a room.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOMS = ['protocol', 'worker', 'page-client'] as const
type Room = (typeof ROOMS)[number]

const tsc = resolve('node_modules/typescript/bin/tsc')
const house = mkdtempSync(join(tmpdir(), 'partyline-types-'))
cpSync('tsconfig.base.json', join(house, 'tsconfig.base.json'))
for (const room of ROOMS) {
  mkdirSync(join(house, room))
  cpSync(`${room}/tsconfig.json`, join(house, room, 'tsconfig.json'))
}
afterAll(() => rmSync(house, { recursive: true }))

let count = 0
function write(room: Room, source: string): string {
  const path = `${room}/case-${count++}.ts`
  writeFileSync(join(house, path), `${source}\n`)
  return path
}

/** Compiles a room when its first case asks; all files are written by then. */
const reports = new Map<Room, string>()
function complaintsAbout(path: string, room: Room): readonly string[] {
  const args = [tsc, '-p', room, '--pretty', 'false']
  const report =
    reports.get(room) ?? spawnSync(process.execPath, args, { cwd: house, encoding: 'utf8' }).stdout
  reports.set(room, report)
  return report.split('\n').filter((row) => row.startsWith(`${path}(`))
}

const using = (room: Room, use: string): string =>
  write(room, `export const used = (): unknown => ${use}`)

describe('a global of somewhere else does not compile', () => {
  const foreign: readonly (readonly [Room, string])[] = [
    ['worker', 'document.title'],
    ['worker', 'window.innerWidth'],
    ['worker', 'localStorage.length'],
    ['worker', "new SharedWorker('worker.js')"],
    ['worker', 'process.pid'],
    ['protocol', 'document.title'],
    ['protocol', 'localStorage.length'],
    ['protocol', 'setTimeout(() => {}, 1)'],
    ['page-client', 'new SharedWorkerGlobalScope()'],
    ['page-client', 'process.pid'],
  ]
  const cases = foreign.map(([room, use]) => [room, use, using(room, use)] as const)
  test.each(cases)('[F7] %s: %s', (room, _, path) => {
    expect(complaintsAbout(path, room)).toEqual([expect.stringContaining('Cannot find name')])
  })

  const page = using('page-client', 'document.title')
  const importing = write(
    'worker',
    `import { used } from '../${page.replace('.ts', '.js')}'\nused()`,
  )
  test('[F7] worker: what a page may use, through an import', () => {
    expect(complaintsAbout(importing, 'worker')).toHaveLength(1)
  })
})

describe('a global of its own surroundings compiles', () => {
  const atHome: readonly (readonly [Room, string])[] = [
    ['worker', 'indexedDB.databases()'],
    ['worker', "new WebSocket('ws://server')"],
    ['worker', 'navigator.locks'],
    ['page-client', 'document.title'],
    ['page-client', "new SharedWorker('worker.js')"],
  ]
  const cases = atHome.map(([room, use]) => [room, use, using(room, use)] as const)
  test.each(cases)('%s: %s', (room, _, path) => {
    expect(complaintsAbout(path, room)).toEqual([])
  })
})
