import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { RELEASE } from './version.js'

it('[F8] a release is the version of the package, so two of them can be compared', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  expect(RELEASE).toBe((major * 1_000 + minor) * 1_000 + patch)
})
