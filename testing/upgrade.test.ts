/**
 * Two versions of pages and workers on one line: who has it, and what becomes of the tabs of the other.
 * Every story ends with one socket, and each tab served or told to reload.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Version } from '../protocol/version.js'
import { createHouse, type Deployment, type HouseTab } from './house.js'
import { newsEvents as events } from './news.js'

let house: ReturnType<typeof createHouse>
const welcomed = new WeakSet<object>()
afterEach(() => {
  expect(house.server.mostOpen).toBe(1)
  house.close()
})

const FIRST: Version = { contract: 1, release: 1_000 }
const LATER: Version = { contract: 1, release: 2_000 }
const OTHER_CONTRACT: Version = { contract: 2, release: 3_000 }

/** A server under whose address the script of the worker changes, or the address with it. */
const deploymentsOf = (isNewAddress: boolean, next: Version): readonly [Deployment, Deployment] => [
  { version: FIRST, worker: '/worker.js' },
  { version: next, worker: isNewAddress ? '/worker-2.js' : '/worker.js' },
]

/** The server lets in whoever comes, and acknowledges nothing. */
async function letIn(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await house.advance(100)
    if (!house.server.open) continue
    const { latest } = house.server
    if (welcomed.has(latest)) continue
    welcomed.add(latest)
    await latest.welcome()
  }
  await house.quiet()
}

function openTab(deployment: Deployment) {
  house.load(deployment)
  const tab = house.openTab({ onError: () => {} })
  const seen: number[] = []
  tab.line.channel<{ n: number }>('news').subscribe(({ n }) => void seen.push(n))
  return Object.assign(tab, { seen })
}

const states = (...tabs: readonly HouseTab[]): string[] =>
  tabs.map(({ line: { status } }) => {
    const { value } = status
    return value.state === 'stopped' ? `stopped: ${value.cause}` : value.state
  })

/** What the server has been sent, each operation as often as it came. */
const sent = (): unknown[] =>
  house.server.connections.flatMap((one) => one.bodies('op').map(({ payload }) => payload))

async function acknowledge(): Promise<void> {
  for (const { lane, epoch, seq } of house.server.latest.bodies('op')) {
    await house.server.latest.say(['ack', { lane, epoch, seq } as never])
  }
  await house.advance(100)
}

describe.each([true, false])('a later release (new address: %s)', (isNewAddress) => {
  const [before, after] = deploymentsOf(isNewAddress, LATER)

  it('[P1][P4][P6][F8][S90][G64] takes the line from an older one, and serves its tabs', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    await house.server.latest.say(['events', events(1, 2)])
    await house.quiet()
    house.server.latest.cut()
    await old.line.send('note', 'a').stored
    await old.line.send('note', 'b').stored
    house.publish(after)
    const next = openTab(after)
    await letIn()
    expect(states(old, next)).toEqual(['online', 'online'])
    expect([old, next].map(({ line }) => line.status.value.tabs)).toEqual([2, 2])
    expect(house.server.latest.bodies('op').map(({ payload }) => payload)).toEqual(['"a"', '"b"'])
    await acknowledge()
    await house.server.latest.say(['events', events(3, 4)])
    await house.quiet()
    expect([old.seen, next.seen]).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ])
    expect(house.server.open).toBe(1)
  })

  it('[P1][F8][S92] keeps the line when an older page comes from a cache, and serves it', async () => {
    house = createHouse()
    house.publish(before)
    house.publish(after)
    const next = openTab(after)
    await letIn()
    const old = openTab(before)
    await letIn()
    expect(states(old, next)).toEqual(['online', 'online'])
    expect(house.server.connections).toHaveLength(1)
    await old.line.send('note', 'a').stored
    await house.advance(100)
    expect(sent()).toEqual(['"a"'])
  })

  it('[P12][F8][S96] leaves the tabs of the older one to it when it is gone, and nothing is sent twice', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.publish(after)
    const next = openTab(after)
    await letIn()
    await old.line.send('note', 'a').stored
    await acknowledge()
    next.kill()
    house.killWorker()
    await letIn()
    expect(states(old)).toEqual(['online'])
    expect(old.line.status.value).toMatchObject({ tabs: 1, queued: 0 })
    expect(sent()).toEqual(['"a"'])
  })
})

describe.each([true, false])('another contract (new address: %s)', (isNewAddress) => {
  const [before, after] = deploymentsOf(isNewAddress, OTHER_CONTRACT)

  it('[P1][P2][F8][S89][G65][G66] takes the line and the queue, and has the older tabs reload', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.server.latest.cut()
    await old.line.send('note', 'a').stored
    house.publish(after)
    const next = openTab(after)
    await letIn()
    expect(states(old, next)).toEqual(['stopped: superseded', 'online'])
    expect(old.line.status.value).toMatchObject({ error: { details: { page: 1, worker: 2 } } })
    expect(house.server.latest.bodies('op').map(({ payload }) => payload)).toEqual(['"a"'])
  })

  it('[P1][F8][S93][G65] has an older page from a cache reload, and is not disturbed', async () => {
    house = createHouse()
    house.publish(before)
    house.publish(after)
    const next = openTab(after)
    await letIn()
    const old = openTab(before)
    await letIn()
    expect(states(old, next)).toEqual(['stopped: superseded', 'online'])
    expect(house.server.connections).toHaveLength(1)
    expect(next.line.status.value.tabs).toBe(1)
  })

  it('[P2][P5][F8][G66] is given what an older tab could not hand over any more', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.state.diskMs = 60_000
    const delivery = old.line.send('note', 'a')
    const told = Promise.allSettled([delivery.stored, delivery.done])
    await house.quiet()
    house.publish(after)
    const next = openTab(after)
    await letIn()
    house.state.diskMs = 0
    await house.advance(60_000)
    await letIn()
    expect(states(old, next)).toEqual(['stopped: superseded', 'online'])
    expect(await told).toMatchObject([
      { reason: { code: 'contract-mismatch' } },
      { reason: { code: 'contract-mismatch' } },
    ])
    // The page that it is reloaded into.
    old.kill()
    openTab(after)
    await letIn()
    expect(new Set(house.server.latest.bodies('op').map(({ key }) => key)).size).toBe(1)
  })
})

describe('the same version under another address', () => {
  const [before, after] = deploymentsOf(true, FIRST)

  it('[P1][F8][S91][G67] is served by whoever has the line, at once and without a reconnect', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.publish(after)
    const tabs = [openTab(after), openTab(after)]
    await letIn()
    expect(states(old, ...tabs)).toEqual(['online', 'online', 'online'])
    expect(house.server.connections).toHaveLength(1)
    await house.server.latest.say(['events', events(1, 2)])
    await house.quiet()
    expect(tabs.map(({ seen }) => seen)).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('[P12][F8][G67] gets the line when the worker that had it is gone, queue and all', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.publish(after)
    const next = openTab(after)
    await letIn()
    house.server.latest.cut()
    await next.line.send('note', 'a').stored
    old.kill()
    house.endWorker(house.workers[0] ?? '')
    await letIn()
    expect(states(next)).toEqual(['online'])
    expect(sent()).toEqual(['"a"'])
  })

  it('[P1][F8][G69] gets the line at once from a worker that has no tab any more', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    old.kill()
    await letIn()
    expect(house.server.open).toBe(1)
    house.publish(after)
    const next = openTab(after)
    await letIn()
    // Where it would have stayed for ten seconds.
    expect(states(next)).toEqual(['online'])
    expect(house.server.connections).toHaveLength(2)
    expect(house.server.open).toBe(1)
  })

  it('[P3][F8] does not send what it took while it waited, and another one has sent', async () => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.publish(after)
    const next = openTab(after)
    const { done } = next.line.send('note', 'a')
    await letIn()
    await acknowledge()
    await done
    old.kill()
    house.endWorker(house.workers[0] ?? '')
    await letIn()
    expect(states(next)).toEqual(['online'])
    expect(sent()).toEqual(['"a"'])
  })

  it('[P13][F8] does not sign out later whom it was to sign out while it waited', async () => {
    house = createHouse()
    house.publish(before)
    openTab(before)
    await letIn()
    house.publish(after)
    const thaw = house.hangWorker()
    const next = openTab(after)
    const over = next.line.signOut({ outbox: 'discard' })
    await house.quiet()
    await thaw()
    await house.advance(1_000)
    await over
    house.endWorker(house.workers[0] ?? '')
    // The same person signs in again, and the worker that did not get the line is there still.
    const again = openTab(after)
    await letIn()
    await letIn()
    expect(house.workers).toHaveLength(1)
    expect(states(again)).toEqual(['online'])
  })

  it.each([
    ['at once', async () => {}],
    ['when it has been served', letIn],
  ])('[P12][P13][F8] answers a guest that signs out %s', async (_, before_) => {
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.publish(after)
    const next = openTab(after)
    await before_()
    const ended: unknown[] = []
    next.line.signOut({ outbox: 'discard' }).then(
      () => ended.push('signed out'),
      (error) => ended.push(error),
    )
    await house.advance(3_000)
    expect(ended).toEqual(['signed out'])
    expect(states(old, next)).toEqual(['stopped: auth', 'stopped: auth'])
    expect(house.server.open).toBe(0)
    // And nobody signs out again whoever comes later.
    const later = openTab(after)
    await letIn()
    await house.advance(3_000)
    expect(states(later)).toEqual(['online'])
  })

  it('[P1][F8] boots at the same instant, and both are served by one', async () => {
    house = createHouse()
    house.publish(before)
    house.publish(after)
    const tabs = [openTab(before), openTab(after), openTab(before), openTab(after)]
    await letIn()
    await house.advance(2_000)
    await letIn()
    expect(states(...tabs)).toEqual(['online', 'online', 'online', 'online'])
    expect(tabs.map(({ line }) => line.status.value.tabs)).toEqual([4, 4, 4, 4])
  })
})

describe('versions that meet', () => {
  const releases = [1, 2, 3].map((n) => ({
    version: { contract: 1, release: n },
    worker: `/worker-${n}.js`,
  }))

  it.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
    [0, 2, 1],
  ])('[P1][F8] in any order are served by the latest (%i %i %i)', async (...order) => {
    house = createHouse()
    for (const release of releases) house.publish(release)
    const tabs: HouseTab[] = []
    for (const n of order) {
      tabs.push(openTab(releases[n] as Deployment))
      await letIn()
    }
    expect(states(...tabs)).toEqual(['online', 'online', 'online'])
    expect(tabs.map(({ line }) => line.status.value.tabs)).toEqual([3, 3, 3])
    // It is the latest that has the line: with it goes the socket.
    const { latest } = house.server
    house.endWorker(house.workers.find((name) => name.startsWith('/worker-3')) ?? '')
    expect(latest.closedByClient).toBe(1006)
  })

  it('[P2][F8][S94] hand over only when what was being written is on disk', async () => {
    const [before, after] = deploymentsOf(true, LATER)
    house = createHouse()
    house.publish(before)
    const old = openTab(before)
    await letIn()
    house.state.diskMs = 100
    old.line.send('note', 1)
    await house.quiet()
    // Waits for the first transaction, and must not be lost with it.
    old.line.send('note', 2)
    await house.quiet()
    house.publish(after)
    openTab(after)
    await house.quiet()
    expect(house.server.open).toBe(0)
    await house.advance(1_000)
    await letIn()
    await house.advance(1_000)
    const keys = house.server.latest.bodies('op').map(({ payload }) => payload)
    expect(keys).toEqual(['1', '2'])
  })
})

describe('leader tabs of two contracts', () => {
  const [before, after] = deploymentsOf(true, OTHER_CONTRACT)
  const leads = ({ workers }: HouseTab): boolean => workers.size > 0

  async function open(...pages: readonly Deployment[]) {
    house = createHouse()
    house.state.hasSharedWorker = false
    const tabs: HouseTab[] = []
    for (const page of pages) {
      tabs.push(openTab(page))
      await letIn()
    }
    await house.advance(3_000)
    await letIn()
    return tabs
  }

  it('[P1][P12][F8][S95][S122][S142] move the line to the later one, and the older ones reload', async () => {
    const tabs = await open(before, before, after)
    expect(states(...tabs)).toEqual(['stopped: superseded', 'stopped: superseded', 'online'])
    expect(tabs.map(leads)).toEqual([false, false, true])
    // Whoever is told to reload does not stand for election any more.
    tabs[0]?.page.visible()
    await house.advance(15_000)
    expect(tabs.map(leads)).toEqual([false, false, true])
    expect(house.server.connections).toHaveLength(2)
  })

  it('[P1][F8] leave it with the later one when an older page comes', async () => {
    const tabs = await open(after, before)
    expect(states(...tabs)).toEqual(['online', 'stopped: superseded'])
    expect(house.server.connections).toHaveLength(1)
  })
})
