/** Proves that a caller's mistake is a typed error that names the cure, never silence. */
import { expect } from '@playwright/test'
import { test } from './support/fixtures.js'
import { storedIn } from './support/hosts.js'

test('[F6] a worker that is not there stops the line with an error that names the cure', async ({
  openIdleTab,
  site,
}) => {
  const tab = await openIdleTab('A')
  await tab.connect({ worker: `${site.origin}/nowhere.js` })
  await expect
    .poll(() => tab.status())
    .toMatchObject({
      state: 'stopped',
      error: { code: 'worker-unreachable', details: { url: `${site.origin}/nowhere.js` } },
    })
})

test('[F6] a worker that does not parse is unreachable too', async ({ openIdleTab, site }) => {
  site.serve('/broken-worker.js', 'this is not JavaScript')
  const tab = await openIdleTab('A')
  await tab.connect({ worker: '/broken-worker.js' })
  await expect
    .poll(() => tab.status())
    .toMatchObject({ state: 'stopped', error: { code: 'worker-unreachable' } })
})

test('[F15] a worker that is no broker is found silent', async ({ openIdleTab, site }) => {
  site.serve('/silent-worker.js', 'self.onconnect = () => {}')
  const tab = await openIdleTab('A')
  await tab.connect({ worker: '/silent-worker.js' })
  await expect
    .poll(() => tab.status(), { timeout: 45_000 })
    .toMatchObject({ state: 'stopped', error: { code: 'worker-silent' } })
})

for (const kind of ['function', 'cycle', 'bigint'] as const) {
  test(`a payload with a ${kind} is refused at once`, async ({ openTab }) => {
    const tab = await openTab('A')
    expect(await tab.sendAwkward(kind)).toMatchObject({ code: 'not-json' })
    expect(await tab.outbox()).toEqual([])
  })
}

test('[P14] [F28] a payload past the limit is refused, and nothing else with it', async ({
  openIdleTab,
  host,
}) => {
  const tab = await openIdleTab('A')
  await tab.connect({ outbox: { bytes: 1_000 } })
  const error = { code: 'too-large', details: { limit: 1_000 } }
  const large = await tab.send('note', 'x'.repeat(2_000))
  await expect.poll(() => tab.delivery(large)).toMatchObject({ stored: error, done: error })
  const small = await tab.send('note', 'x'.repeat(200))
  await expect.poll(() => tab.delivery(small)).toMatchObject({ stored: storedIn(host) })
})

test('an unknown option is refused, by name', async ({ openIdleTab }) => {
  const tab = await openIdleTab('A')
  expect(await tab.connect({ reconnnect: true } as object)).toMatchObject({
    code: 'bad-option',
    details: { option: 'reconnnect' },
  })
})
