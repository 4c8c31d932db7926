/**
 * Proves [P2] on the real IndexedDB: it passes the contract that its memory twin passes in Node, and
 * survives what only a browser can do to it.
 */
import { expect } from '@playwright/test'
import { NEEDS } from '../scripts/engines.js'
import { openingCases } from '../testing/indexed-db/contract-openings.js'
import { transactionCases } from '../testing/indexed-db/contract-transactions.js'
import { SCHEMA } from '../worker/storage/migrations.js'
import { channelCases } from '../worker/storage/store-contract-channels.js'
import { lifeCases } from '../worker/storage/store-contract-lives.js'
import { recordCases } from '../worker/storage/store-contract-records.js'
import type { Browser, Page } from './drivers/driver.js'
import type { RawDatabase, RawStore } from './page/raw-database.js'
import type { Contents } from './page/store-cases.js'
import { bundle } from './support/bundle.js'
import { test as cast } from './support/fixtures.js'

/** A page with a broker's disk in it, and what a person or another program may do to that disk. */
interface Disk {
  open(): Promise<Contents>
  write(key: string, characters?: number): Promise<string>
  forget(key: string): Promise<void>
  close(): Promise<void>
  log(): Promise<readonly string[]>
  openings(): Promise<number>
  reason(): Promise<string>
  make(database: RawDatabase): Promise<void>
  dump(): Promise<RawDatabase>
  keys(): Promise<readonly string[]>
  delete(): Promise<void>
  hold(version: number): Promise<void>
  release(): Promise<void>
  clearSiteData(): Promise<void>
  /** Bytes for all storage of the origin; nothing: as much as there is. */
  setQuota(bytes?: number): Promise<void>
}

const LINE = 'partyline:["wss://app.example/line"]'

function createDisk(page: Page, { disk }: Browser, origin: string): Disk {
  const dump: Disk['dump'] = () => page.evaluate((name) => window.storeCases.dump(name), LINE)
  return {
    open: () => page.evaluate((name) => window.storeCases.open(name), LINE),
    write: (key, characters) =>
      page.evaluate(([of, size]) => window.storeCases.write(of, size), [key, characters] as const),
    forget: (key) => page.evaluate((of) => window.storeCases.forget(of), key),
    close: () => page.evaluate(() => window.storeCases.close()),
    log: () => page.evaluate(() => window.storeCases.log),
    openings: () => page.evaluate(() => window.storeCases.openings),
    reason: () => page.evaluate(() => window.storeCases.trouble?.message ?? ''),
    make: (database) =>
      page.evaluate(([name, as]) => window.storeCases.make(name, as), [LINE, database] as const),
    dump,
    async keys() {
      const { stores } = await dump()
      const rows = stores.operations?.rows ?? []
      return rows.map(([, value]) => (value as { key: string }).key)
    },
    delete: () => page.evaluate((name) => window.storeCases.delete(name), LINE),
    hold: (version) =>
      page.evaluate(([name, as]) => window.storeCases.hold(name, as), [LINE, version] as const),
    release: () => page.evaluate(() => window.storeCases.release()),
    clearSiteData: () => disk.clear(origin),
    setQuota: (bytes) => disk.limit(origin, bytes),
  }
}

interface Cast {
  readonly storePage: Page
  readonly disk: Disk
}

const test = cast.extend<Cast, { script: string }>({
  script: [async ({}, use) => use(await bundle('e2e/page/store-cases.ts')), { scope: 'worker' }],
  storePage: async ({ guest, site, script }, use) => {
    site.serve('/store-cases.js', script)
    const page = await guest.openPage(site.origin)
    await page.evaluate(() => {
      const element = document.createElement('script')
      Object.assign(element, { type: 'module', src: '/store-cases.js' })
      document.head.append(element)
    })
    await expect.poll(() => page.evaluate(() => 'storeCases' in window)).toBe(true)
    await use(page)
  },
  disk: ({ storePage, guest, site }, use) => use(createDisk(storePage, guest, site.origin)),
})

for (const durability of ['strict', 'relaxed'] as const) {
  test.describe(`the contract, with ${durability} durability`, () => {
    const keeps = (promises: string, title: string): void =>
      test(`${promises} ${title}`, async ({ storePage }) => {
        const run = storePage.evaluate(([name, kind]) => window.storeCases.run(name, kind), [
          title,
          durability,
        ] as const)
        await expect(run).resolves.toBeUndefined()
      })
    for (const { title } of recordCases) keeps('[P2]', title)
    for (const { title } of channelCases) keeps('[P6][P7][P8]', title)
    for (const { title } of lifeCases) keeps('[P2][F10][F22]', title)
  })
}

test.describe('the engine does what its twin does', () => {
  for (const { title, said } of [...transactionCases, ...openingCases]) {
    test(`[P2] ${title}`, async ({ storePage }) => {
      const heard = storePage.evaluate((name) => window.storeCases.hear(name), title)
      await expect(heard).resolves.toEqual(said)
    })
  }
})

const operation = { lane: 'a', type: 'note', payload: '{"a":1}', createdAt: 1 }
const queued = { ...operation, key: 'queued', n: 3 }
const numbered = { ...operation, key: 'numbered', n: 1, number: { epoch: 2 ** 33, seq: 4 } }
const error = { code: 'rejected', details: { reason: 'no' }, message: 'The server rejected it.' }
const odd = { key: 'odd', failed: 'who knows' }
const cursor = { epoch: 'e1', id: '7' }

const failed = { ...operation, key: 'failed', n: 2 }
const rejected = { outcome: 'rejected', error, at: 1 }
const acked = { key: 'acked', n: 4, at: 1, outcome: { key: 'acked', outcome: 'acked' } }
const line: RawStore = { rows: [['line', { client: 'c1', incarnation: 4 }]] }
const cursors: RawStore = { rows: [['board', cursor]] }

const byKey = (...records: readonly object[]): RawStore => ({
  keyPath: 'key',
  rows: records.map((record) => [null, record]),
})

/** What released versions have left on people's disks, by schema. */
const EARLIER: Readonly<Record<number, RawDatabase['stores']>> = {
  1: { line, operations: byKey(queued, numbered, { ...failed, failed: error }, odd), cursors },
  2: {
    line,
    operations: byKey(queued, numbered, { ...failed, failed: rejected }, odd),
    cursors,
    settled: byKey(acked),
  },
}

test('[P2] there is a test of the migration from every earlier schema', () => {
  expect(Object.keys(EARLIER)).toEqual(Array.from({ length: SCHEMA - 1 }, (_, i) => `${i + 1}`))
})

for (const [version, stores] of Object.entries(EARLIER)) {
  test(`[P2][P5] keeps everything that schema ${version} had`, async ({ disk }) => {
    await disk.make({ version: Number(version), stores })
    const before = Date.now()
    const loaded = await disk.open()
    expect(loaded).toMatchObject({ client: 'c1', incarnation: 5, unreadable: 1 })
    expect(loaded).toMatchObject({ histories: [], consumers: [], parked: [] })
    expect(loaded.settled).toEqual(stores.settled ? [acked] : [])
    expect(loaded.cursors).toEqual([['board', cursor]])
    const at = loaded.operations[1]?.failed?.at
    expect(loaded.operations).toEqual([
      numbered,
      { ...failed, failed: { ...rejected, at } },
      queued,
    ])
    // The first schema had no dates.
    if (version === '1') expect(at).toBeGreaterThanOrEqual(before)
    else expect(at).toBe(rejected.at)
    expect(await disk.write('new')).toBe('durable')
    await disk.close()
    expect(await disk.dump()).toMatchObject({ version: SCHEMA })
    expect(await disk.keys()).toEqual(['failed', 'new', 'numbered', 'odd', 'queued'])
  })
}

test('[F22] a database from the future is left as it is, and the reason given', async ({
  disk,
}) => {
  const stores = { things: { rows: [['k', 1]] } } as const
  await disk.make({ version: 99, stores })
  const loaded = await disk.open()
  expect(loaded).toMatchObject({ incarnation: 1, operations: [] })
  expect(await disk.reason()).toContain('a newer version wrote the database')
  expect(await disk.write('k')).toBe('VersionError')
  expect(await disk.dump()).toEqual({ version: 99, stores })
  await disk.delete()
  await expect.poll(disk.log).toEqual(['found'])
  await disk.close()
})

const current: RawDatabase['stores'] = {
  line,
  operations: byKey(queued),
  cursors: { rows: [] },
  settled: byKey(),
  histories: { rows: [] },
  events: { keyPath: ['channel', 'n'], rows: [] },
  consumers: { keyPath: ['channel', 'name'], rows: [] },
  parked: byKey(),
}
const DAMAGED: Readonly<Record<string, RawDatabase['stores']>> = {
  'that does not say whose it is': { ...current, line: { rows: [['line', { client: 7 }]] } },
  'that lacks a store': { operations: byKey(queued) },
}

for (const [which, stores] of Object.entries(DAMAGED)) {
  test(`[F22] a database ${which} is left as it is`, async ({ disk }) => {
    await disk.make({ version: SCHEMA, stores })
    expect(await disk.open()).toMatchObject({ incarnation: 1, operations: [] })
    expect(await disk.reason()).toContain('Kept in memory only')
    expect(await disk.write('k')).not.toBe('durable')
    await disk.close()
    expect(await disk.dump()).toEqual({ version: SCHEMA, stores })
  })
}

test('[F10][F22] whoever upgrades the database under us has the line', async ({ disk }) => {
  await disk.open()
  expect(await disk.write('k')).toBe('durable')
  await disk.hold(99)
  await expect.poll(disk.log).toEqual(['no-storage', 'fenced'])
  expect(await disk.write('l')).toBe('Fenced')
  expect(await disk.keys()).toEqual(['k'])
})

test('[F22] a database that is deleted under us is made and filled again', async ({ disk }) => {
  const { client } = await disk.open()
  expect(await disk.write('k')).toBe('durable')
  await disk.delete()
  expect(await disk.log()).toEqual(['no-storage'])
  await expect.poll(disk.log).toEqual(['no-storage', 'fine'])
  expect(await disk.write('l')).toBe('durable')
  await disk.close()
  const again = await disk.open()
  expect(again.operations.map(({ key }) => key)).toEqual(['k', 'l'])
  expect(again).toMatchObject({ client, incarnation: 2 })
  await disk.close()
})

test('[F22] clearing the site data loses nothing that a broker still knows', {
  tag: NEEDS.clearedDisk,
}, async ({ disk }) => {
  await disk.open()
  expect(await disk.write('k')).toBe('durable')
  await disk.clearSiteData()
  await expect.poll(disk.log).toEqual(['no-storage', 'fine'])
  expect(await disk.write('l')).toBe('durable')
  expect(await disk.keys()).toEqual(['k', 'l'])
  await disk.close()
})

test('[F22] an upgrade that somebody blocks is waited for in memory', async ({ disk }) => {
  await disk.make({ version: 1, stores: EARLIER[1] ?? {} })
  await disk.hold(1)
  const loaded = await disk.open()
  expect(loaded.client).not.toBe('c1')
  expect(await disk.reason()).toContain('an older version of it is open elsewhere')
  expect(await disk.write('k')).toBe('Error')
  await disk.release()
  await expect.poll(disk.log).toEqual(['found'])
  await disk.close()
  // Nobody but this one has been a broker since.
  expect(await disk.open()).toMatchObject({ client: 'c1', incarnation: 5 })
  await disk.close()
})

/** Chromium looks again how much room there is only for a write that exceeds what it saw last. */
const ROOM = 1_000_000

test('[F22] a full disk is said to be full, and heals when there is room', {
  tag: NEEDS.limitedDisk,
}, async ({ disk }) => {
  await disk.setQuota(ROOM)
  await disk.open()
  expect(await disk.write('k')).toBe('durable')
  expect(await disk.write('l', ROOM)).toBe('QuotaExceededError')
  expect(await disk.log()).toEqual(['quota'])
  expect(await disk.reason()).toContain('The disk is full')
  await disk.setQuota()
  await expect.poll(disk.log).toEqual(['quota', 'fine'])
  expect(await disk.write('m')).toBe('durable')
  expect(await disk.keys()).toEqual(['k', 'l', 'm'])
  await disk.close()
})

test('[F22] a full disk heals when what it has no room for is over', {
  tag: NEEDS.limitedDisk,
}, async ({ disk }) => {
  await disk.setQuota(ROOM)
  await disk.open()
  expect(await disk.write('k', ROOM / 2)).toBe('durable')
  expect(await disk.write('l', ROOM)).toBe('QuotaExceededError')
  for (const key of ['k', 'l']) await disk.forget(key)
  await expect.poll(disk.log).toEqual(['quota', 'fine'])
  expect(await disk.keys()).toEqual([])
  await disk.setQuota()
  await disk.close()
})

test('[F22] a disk that is full at the start is found when there is room', {
  tag: NEEDS.limitedDisk,
}, async ({ disk }) => {
  await disk.setQuota(1)
  await disk.open()
  expect(await disk.reason()).toContain('The disk is full')
  await expect.poll(disk.openings).toBe(3)
  expect(await disk.log()).toEqual([])
  await disk.setQuota()
  await expect.poll(disk.log).toEqual(['found'])
  await disk.close()
  expect(await disk.open()).toMatchObject({ incarnation: 1 })
  await disk.close()
})
