/** Proves that the tests run in the browser that the machine's owner chose, or say why not. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findBrowser } from './find-browser.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partyline-browser-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function program(name: string, mode = 0o755): string {
  const path = join(folder, name)
  writeFileSync(path, '')
  chmodSync(path, mode)
  return path
}

test('PARTYLINE_BROWSER comes before everything', async () => {
  program('chromium')
  const chosen = program('mine')
  vi.stubEnv('PATH', folder)
  vi.stubEnv('PARTYLINE_BROWSER', chosen)
  expect(await findBrowser()).toBe(chosen)
})

test('a PARTYLINE_BROWSER that is none is an error, not another browser', async () => {
  vi.stubEnv('PARTYLINE_BROWSER', join(folder, 'nothing'))
  await expect(findBrowser()).rejects.toThrow('cannot be executed')
})

test('a Chromium on the PATH is found by any of its names', async () => {
  vi.stubEnv('PARTYLINE_BROWSER', '')
  vi.stubEnv('PATH', folder)
  const path = program('google-chrome')
  expect(await findBrowser()).toBe(path)
  const better = program('chromium')
  expect(await findBrowser()).toBe(better)
})
