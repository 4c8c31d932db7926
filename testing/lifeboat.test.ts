import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createDepartures } from '../page-client/departures.js'
import type { Key } from '../protocol/ids.js'
import { lineName } from '../protocol/line-name.js'
import { createHouse, type HouseTab } from './house.js'

type House = ReturnType<typeof createHouse>
let house: House

afterEach(() => house.close())

/** The server welcomes whoever has come. */
async function welcome(): Promise<void> {
  await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
}

/** A house whose worker runs, with one visible tab. */
async function warm(options = {}): Promise<HouseTab> {
  house = createHouse()
  const tab = house.openTab(options)
  await welcome()
  return tab
}

const payloads = () => house.server.latest.bodies('op').map(({ payload }) => payload)
/** What is in the lifeboats of all lines. */
const aboard = () => [...house.boats.items.keys()].filter((name) => name.includes(':boat:')).length

async function ackAll(): Promise<void> {
  for (const { lane, epoch, seq, key } of house.server.latest.bodies('op')) {
    await house.server.latest.say(['ack', { lane, epoch, seq, results: [[seq, `"${key}"`]] }])
  }
  await house.advance(50)
}

/** Sends, and goes into the back/forward cache when the broker has it and the page cannot know. */
async function sendUnseen(tab: HouseTab) {
  house.state.diskMs = 20
  const delivery = tab.line.send('note', 1)
  await house.quiet()
  tab.page.hidden()
  await house.advance(20)
  expect(house.disk.operations.size).toBe(1)
  expect(aboard()).toBe(1)
  await house.advance(20)
  expect(payloads()).toEqual(['1'])
  return delivery
}

/** The page goes for good, in this very task. */
function leave(tab: HouseTab): void {
  tab.page.hidden()
  tab.page.concealed()
  tab.kill('losing')
}

describe('a page that closes in the task in which it has sent', () => {
  it('[P2][G5] loses nothing when no worker had answered yet', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const first = house.openTab()
    const { key } = first.line.send('note', 1)
    // Not even a last word: the process is gone.
    first.kill('losing')
    house.state.isWorkerDeaf = false
    const next = house.openTab()
    await welcome()
    expect(house.server.latest.bodies('op')).toMatchObject([{ key, payload: '1' }])
    expect(aboard()).toBe(0)
    await ackAll()
    expect(next.line.status.value.queued).toBe(0)
  })

  it('[P2][G5] loses nothing when what it had posted is lost', async () => {
    const first = await warm()
    const { key } = first.line.send('note', 1)
    leave(first)
    expect(aboard()).toBe(1)
    house.openTab()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ key, payload: '1' }])
    expect(aboard()).toBe(0)
  })

  it('[P3] sends nothing twice when what it had posted has arrived', async () => {
    const first = await warm()
    await sendUnseen(first)
    first.kill()
    house.openTab()
    await house.quiet()
    await ackAll()
    house.openTab()
    await house.quiet()
    expect(payloads()).toEqual(['1'])
    expect(aboard()).toBe(0)
  })

  it('[P3] sends nothing twice when it has even ended since, and nobody had seen it', async () => {
    const first = await warm()
    await sendUnseen(first)
    await ackAll()
    expect(house.disk.operations.size).toBe(0)
    expect(aboard()).toBe(1)
    first.kill()
    house.killWorker()
    house.openTab()
    await welcome()
    expect(payloads()).toEqual([])
    expect(aboard()).toBe(0)
  })

  it('[P4] is followed by the next page, never overtaken', async () => {
    const first = await warm()
    for (const n of [1, 2, 3]) first.line.send('note', n)
    leave(first)
    const second = house.openTab()
    second.line.send('note', 4)
    leave(second)
    const third = house.openTab()
    third.line.send('note', 5)
    await house.quiet()
    expect(payloads()).toEqual(['1', '2', '3', '4', '5'])
  })

  it('[P2][G5] is helped by a page that lives', async () => {
    const living = await warm()
    house.state.isWorkerDeaf = true
    const other = house.openTab()
    other.line.send('note', 1)
    other.kill('losing')
    await house.advance(1_000)
    expect(payloads()).toEqual(['1'])
    expect(aboard()).toBe(0)
    await ackAll()
    expect(living.errors).toEqual([])
  })

  it('[P2][G4] has what it sends in the lifeboat until the worker says stored, seen or not', async () => {
    const tab = await warm()
    const seen: number[] = []
    for (const turn of [() => {}, tab.page.concealed, tab.page.visible]) {
      turn()
      tab.line.send('note', 1)
      seen.push(aboard())
      await house.quiet()
      seen.push(aboard())
    }
    expect(seen).toEqual([1, 0, 1, 0, 1, 0])
  })

  it('[P2] arrives though the browser ended it without `pagehide`', async () => {
    const tab = await warm()
    tab.line.send('note', 1)
    // As it happens to a page that closes itself on a busy machine: what it posted is lost too.
    tab.kill('losing')
    house.openTab()
    await house.advance(50)
    expect(payloads()).toEqual(['1'])
    expect(aboard()).toBe(0)
  })

  it('[P5][G7] learns how it ended when it comes back from the back/forward cache', async () => {
    const tab = await warm()
    const other = house.openTab()
    await house.quiet()
    const delivery = await sendUnseen(tab)
    await ackAll()
    tab.page.shown()
    await house.quiet()
    expect(await delivery.done).toBe(delivery.key)
    expect(payloads()).toEqual(['1'])
    expect(aboard()).toBe(0)
    expect(other.errors).toEqual([])
  })

  it('[P5] shows in every tab what has expired while nobody was there', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const first = house.openTab()
    const { key } = first.line.send('note', 1, { ttl: 60_000 })
    first.kill('losing')
    house.clock.jumpWall(24 * 60 * 60_000)
    house.state.isWorkerDeaf = false
    const next = house.openTab()
    await welcome()
    await house.advance(50)
    expect(payloads()).toEqual([])
    expect(next.line.outbox.value).toMatchObject([{ key, state: 'failed', outcome: 'expired' }])
    expect(aboard()).toBe(0)
  })

  it('[P5][F28] shows in every tab what no server takes', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const first = house.openTab({ onError() {} })
    const { key } = first.line.send('note', 'x'.repeat(70_000))
    first.kill('losing')
    house.state.isWorkerDeaf = false
    const errors: unknown[] = []
    const next = house.openTab({ onError: (error) => errors.push(error) })
    await welcome()
    await house.advance(50)
    expect(next.line.outbox.value).toMatchObject([
      { key, state: 'failed', error: { code: 'too-large' } },
    ])
    expect(aboard()).toBe(0)
  })

  it('[P2][F22][G1] leaves it in the lifeboat where there is no disk, until it has ended', async () => {
    house = createHouse()
    house.state.hasDisk = false
    const first = house.openTab()
    const { key } = first.line.send('note', 1)
    await welcome()
    expect(aboard()).toBe(1)
    first.kill()
    house.killWorker()
    house.openTab()
    await welcome()
    expect(house.server.latest.bodies('op')).toMatchObject([{ key }])
    expect(aboard()).toBe(1)
    await ackAll()
    expect(aboard()).toBe(0)
  })

  it('[P4] goes before what is sent later, also into a full outbox', async () => {
    const outbox = { operations: 2 }
    const first = await warm({ outbox })
    await house.server.latest.cut()
    for (const n of [1, 2]) await first.line.send('note', n).stored
    house.state.isWorkerDeaf = true
    const second = house.openTab({ outbox })
    second.line.send('note', 3)
    second.kill('losing')
    house.state.isWorkerDeaf = false
    await house.advance(1_000)
    await house.advance(50)
    expect(aboard()).toBe(0)
    expect(first.line.status.value.queued).toBe(3)
    await expect(first.line.send('note', 4).stored).rejects.toMatchObject({ code: 'outbox-full' })
    await welcome()
    await ackAll()
    first.line.send('note', 5)
    await house.quiet()
    expect(payloads()).toEqual(['1', '2', '3', '5'])
  })

  it('[P5] shows in every tab what found no room, and does not send it later', async () => {
    const outbox = { operations: 1 }
    const first = await warm({ outbox })
    await house.server.latest.cut()
    await first.line.send('note', 1).stored
    const second = house.openTab({ outbox })
    await house.quiet()
    house.state.diskMs = 20
    const { key } = second.line.send('note', 2)
    await house.quiet()
    second.kill()
    await house.advance(20)
    house.state.diskMs = 0
    await house.advance(1_000)
    await house.advance(50)
    const refused = { key, state: 'failed', outcome: 'rejected' }
    expect(first.line.outbox.value).toContainEqual(expect.objectContaining(refused))
    expect(aboard()).toBe(0)
    await welcome()
    await ackAll()
    expect(payloads()).toEqual(['1'])
    void first.line.outbox.retry(key)
    await house.quiet()
    expect(payloads()).toEqual(['1', '2'])
  })

  it('[P13][F17][F24] hands nothing to another identity', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const ann = house.openTab({ identity: 'ann' })
    ann.line.send('note', 'of ann')
    ann.kill('losing')
    house.state.isWorkerDeaf = false
    house.openTab({ identity: 'bob' })
    await welcome()
    expect(payloads()).toEqual([])
    expect(aboard()).toBe(1)
    house.openTab({ identity: 'ann' })
    await welcome()
    expect(payloads()).toEqual(['"of ann"'])
  })
})

describe('a page that leaves the line', () => {
  it('[P2] by closing it leaves what nobody has for whoever comes', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const tab = house.openTab()
    await house.quiet()
    const delivery = tab.line.send('note', 1)
    tab.line.close()
    await expect(delivery.done).rejects.toMatchObject({ code: 'closed' })
    house.state.isWorkerDeaf = false
    house.openTab()
    await welcome()
    expect(payloads()).toEqual(['1'])
    expect(aboard()).toBe(0)
  })

  for (const outbox of ['discard', 'keep'] as const) {
    it(`[P13] by signing out with ${outbox} does so with the lifeboat too`, async () => {
      house = createHouse()
      house.state.isWorkerDeaf = true
      house.openTab({ identity: 'bob' }).line.send('note', 'of bob')
      const tab = house.openTab({ identity: 'ann' })
      const delivery = tab.line.send('note', 'of ann')
      const signedOut = tab.line.signOut({ outbox })
      expect(() => tab.line.send('note', 2)).toThrow(/signed out/)
      tab.page.hidden()
      tab.page.shown()
      house.state.isWorkerDeaf = false
      await house.advance(1_000)
      await signedOut
      await expect(delivery.done).rejects.toMatchObject({ code: 'signed-out' })
      const left = [...house.boats.items.values()].join()
      expect(left.includes('of ann')).toBe(outbox === 'keep')
      expect(left).not.toContain('of bob')
      house.openTab({ identity: 'ann' })
      await welcome()
      expect(payloads()).toEqual(outbox === 'keep' ? ['"of ann"'] : [])
    })
  }

  it('[P13][F24] closes the old socket before the next identity opens one', async () => {
    house = createHouse()
    const departures = createDepartures()
    const ann = house.openTab({ identity: 'ann' }, departures)
    await welcome()
    house.state.diskMs = 200
    ann.line.send('note', 1).stored.catch(() => {})
    const signedOut = ann.line.signOut({ outbox: 'discard' })
    const bob = house.openTab({ identity: 'bob' }, departures)
    const delivery = bob.line.send('note', 'of bob')
    bob.line.reconnect()
    await house.advance(100)
    expect(house.server.connections).toHaveLength(1)
    expect(bob.line.status.value).toMatchObject({ state: 'connecting' })
    await house.advance(1_000)
    await signedOut
    house.state.diskMs = 0
    await house.quiet()
    expect(house.server.connections).toHaveLength(2)
    expect(house.server.open).toBe(1)
    await house.advance(1_000)
    await welcome()
    await delivery.stored
    expect(payloads()).toEqual(['"of bob"'])
  })

  it('[P12][F24] keeps the next identity waiting for so long only', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const departures = createDepartures()
    const ann = house.openTab({ identity: 'ann', onError() {} }, departures)
    const signedOut = ann.line.signOut({ outbox: 'keep' })
    signedOut.catch(() => {})
    await house.advance(9_000)
    house.openTab({ identity: 'bob' }, departures)
    house.state.isWorkerDeaf = false
    await house.advance(500)
    expect(house.server.connections).toHaveLength(0)
    await house.advance(500)
    await expect(signedOut).rejects.toMatchObject({ code: 'worker-silent' })
    await welcome()
    expect(house.server.open).toBe(1)
  })

  it('[P2] with something queued asks for a Background Sync by the name of the line', async () => {
    const tab = await warm()
    const quiet = house.openTab({ background: false })
    await house.server.latest.cut()
    await tab.line.send('note', 1).stored
    await house.advance(50)
    quiet.page.hidden()
    tab.page.hidden()
    expect(new Set(house.syncs)).toEqual(new Set([lineName({ url: 'wss://app.example/line' })]))
  })
})

/** What may happen to the pages of one line; a page that is gone is replaced by the next. */
type Step = readonly [act: Act, page: number]
type Act =
  | 'send'
  | 'leave'
  | 'die stored'
  | 'freeze'
  | 'thaw'
  | 'hide'
  | 'show'
  | 'quiet'
  | 'restart'
const ACTS: readonly Act[] = [
  'send',
  'send',
  'leave',
  'die stored',
  'freeze',
  'thaw',
  'hide',
  'show',
  'quiet',
  'restart',
]

describe('pages that come and go at any point', () => {
  it('[P2][P3][P4] lose nothing, repeat nothing and keep the order of each page', async () => {
    const step = fc.tuple(fc.constantFrom(...ACTS), fc.nat(1))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        house = createHouse()
        try {
          await play(steps)
        } finally {
          house.close()
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

async function play(steps: readonly Step[]): Promise<void> {
  const pages = [house.openTab({ onError() {} }), house.openTab({ onError() {} })]
  const frozen = new Set<number>()
  const sent: string[][] = []
  const keys = new Map<Key, string>()
  const own = pages.map(() => newPage())
  function newPage(): string[] {
    const list: string[] = []
    sent.push(list)
    return list
  }
  function reopen(page: number): void {
    frozen.delete(page)
    pages[page] = house.openTab({ onError() {} })
    own[page] = newPage()
  }

  for (const [act, page] of steps) {
    const tab = pages[page] as HouseTab
    const isFrozen = frozen.has(page)
    if (act === 'send' && !isFrozen) {
      const text = `${sent.indexOf(own[page] as string[])}/${own[page]?.length}`
      keys.set(tab.line.send('note', text).key, text)
      own[page]?.push(text)
    } else if (act === 'leave') {
      if (!isFrozen) leave(tab)
      else tab.kill('losing')
      reopen(page)
    } else if (act === 'die stored' && !isFrozen) {
      await house.quiet()
      tab.kill()
      reopen(page)
    } else if (act === 'freeze' && !isFrozen) {
      tab.page.hidden()
      frozen.add(page)
    } else if (act === 'thaw' && isFrozen) {
      tab.page.shown()
      frozen.delete(page)
    } else if (act === 'hide' && !isFrozen) tab.page.concealed()
    else if (act === 'show' && !isFrozen) tab.page.visible()
    else if (act === 'quiet') await house.quiet()
    else if (act === 'restart') {
      // A worker ends when its pages have gone.
      for (const [index, one] of pages.entries()) {
        if (!frozen.has(index)) leave(one)
        else one.kill('losing')
        reopen(index)
      }
      house.killWorker()
    }
  }

  for (const one of pages) leave(one)
  house.killWorker()
  house.openTab()
  await welcome()
  await ackAll()
  const arrived = house.server.latest.bodies('op')
  expect(arrived.map(({ key }) => keys.get(key as Key)).toSorted()).toEqual(sent.flat().toSorted())
  for (const list of sent) {
    const inOrder = arrived
      .map(({ key }) => keys.get(key as Key))
      .filter((text) => list.includes(text as string))
    expect(inOrder).toEqual(list)
  }
  expect(aboard()).toBe(0)
}
