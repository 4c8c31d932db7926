/**
 * Proves [F46] on the real worker: whatever a server sends, the line is in a typed state, the worker
 * lives, and what was queued and subscribed to arrives as soon as the server is sane again.
 */
import { randomInt } from 'node:crypto'
import { expect } from '@playwright/test'
import fc from 'fast-check'
import type { DownFrame } from '../protocol/index.js'
import { NEEDS } from '../scripts/engines.js'
import {
  createWorld,
  GREETS_WITH,
  IS_HONEST,
  MUDDLES_EVENTS,
  WELCOMES_THEN,
  type World,
} from './support/behaviours.js'
import { test as cast } from './support/fixtures.js'
import { garbage } from './support/garbage.js'
import { storedIn } from './support/hosts.js'
import { createScriptedServer, type ScriptedServer } from './support/scripted-server.js'
import type { Tab } from './support/tab.js'

const test = cast.extend<{ server: ScriptedServer; world: World; tab: Tab }>({
  server: async ({}, use) => {
    const server = await createScriptedServer()
    await use(server)
    await server.close()
  },
  world: ({}, use) => use(createWorld()),
  url: ({ server }, use) => use(server.url),
  /** Online, subscribed, and never waiting for a backoff; nothing that it sends is acknowledged. */
  tab: async ({ openTab, server }, use) => {
    server.play(WELCOMES_THEN())
    const tab = await openTab('A')
    await tab.subscribe('news')
    await expect.poll(() => tab.state()).toBe('online')
    await tab.hurry()
    await use(tab)
  },
})

const STATES = ['connecting', 'online', 'reconnecting', 'offline', 'unauthorized', 'stopped']

/** The server is sane again: everything that waited arrives, by the worker that was there before. */
async function expectRecovery(tab: Tab, server: ScriptedServer, world: World): Promise<void> {
  server.play(IS_HONEST(world))
  await tab.reconnect()
  await expect.poll(() => tab.status()).toMatchObject({ state: 'online', queued: 0 })
  expect(world.applied.map(({ payload }) => payload)).toEqual(['1', '2', '3'])
  for (const { status } of (await tab.log()).statuses) expect(STATES).toContain(status.state)
}

async function queueThree(tab: Tab): Promise<void> {
  for (const number of [1, 2, 3]) {
    const key = await tab.publish('news', number)
    await expect.poll(() => tab.delivery(key)).toMatchObject({ stored: storedIn(tab.host) })
  }
}

/** Each kind is a connection of its own: 18 ms on a machine that does nothing else. */
const EACH_MS = 150
const AROUND_MS = 30_000

for (const [when, behaviour, count] of [
  ['instead of a welcome', GREETS_WITH, 600],
  ['after the welcome', WELCOMES_THEN, 1_400],
] as const) {
  test(`[F46] ${count} kinds of garbage ${when} break nothing`, {
    tag: NEEDS.seenWorkers,
  }, async ({ tab, server, world, guest, host }) => {
    test.setTimeout(AROUND_MS + count * EACH_MS)
    const seed = randomInt(2 ** 31)
    test.info().annotations.push({ type: 'seed', description: String(seed) })
    await queueThree(tab)
    const before = await guest.workersIn(host).ids()
    const messages = fc.sample(garbage, { numRuns: count, seed })

    // Each message comes first once, with some of the others behind it.
    let next = 0
    server.play((frame, peer) => {
      if (frame[0] !== 'hello') return
      behaviour(...messages.slice(next, next + 4))(frame, peer)
      peer.hangUp()
      next += 1
    })
    await tab.reconnect()
    await expect.poll(() => next, { timeout: count * EACH_MS }).toBeGreaterThanOrEqual(count)

    await expectRecovery(tab, server, world)
    expect(await guest.workersIn(host).ids(), 'the worker is the same').toEqual(before)
  })
}

test('[F46] [P14] a message past every limit ends the connection, not the worker', {
  tag: NEEDS.seenWorkers,
}, async ({ tab, server, world, guest, host }) => {
  await queueThree(tab)
  const before = await guest.workersIn(host).ids()
  server.play(WELCOMES_THEN(`["${'x'.repeat(17 * 1024 * 1024)}"]`))
  await tab.reconnect()
  await expect
    .poll(async () => (await tab.log()).statuses.map(({ status }) => status))
    .toContainEqual(expect.objectContaining({ state: 'reconnecting', cause: 'refused' }))
  await expectRecovery(tab, server, world)
  expect(await guest.workersIn(host).ids()).toEqual(before)
})

const MUDDLES: Readonly<Record<string, (events: readonly DownFrame[]) => readonly DownFrame[]>> = {
  swapped: ([first, second, ...rest]) => (first && second ? [second, first, ...rest] : []),
  doubled: (events) => events.flatMap((event) => [event, event]),
  'with a hole': (events) => events.filter((_, index) => index !== 2),
  backwards: (events) => events.toReversed(),
}

for (const [how, muddle] of Object.entries(MUDDLES)) {
  test(`[P6] [F46] events that come ${how} are seen once and in order all the same`, async ({
    tab,
    server,
    world,
  }) => {
    server.play(IS_HONEST(world))
    await tab.reconnect()
    await expect.poll(() => tab.position('news')).toBe('0')
    // Ten events come while the line is away, and are told badly when it is back.
    server.play(MUDDLES_EVENTS(world, muddle))
    world.events.push(...Array.from({ length: 10 }, (_, number) => String(number)))
    const { connections } = server
    await tab.reconnect()
    await expect.poll(() => server.connections).toBeGreaterThan(connections)

    server.play(IS_HONEST(world))
    await expect.poll(() => tab.payloads('news')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect((await tab.log()).gaps).toEqual([])
  })
}
