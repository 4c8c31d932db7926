/** Whose data it is (P13): signing out, signing in as somebody else, and tokens that merely change. */
import { afterEach, describe, expect, it } from 'vitest'
import { lineLockName, lineName } from '../protocol/line-name.js'
import { VERSION } from '../protocol/version.js'
import { createHouse } from './house.js'

type House = ReturnType<typeof createHouse>
let house: House

afterEach(() => house.close())

const lineOf = (identity: string): string => lineName({ url: 'wss://app.example/line', identity })

/** The payloads in the lifeboats of all lines. */
const left = (): string[] =>
  [...house.boats.items]
    .filter(([name]) => name.includes(':boat:'))
    .map(([, text]) => JSON.parse(text).operation.payload)

/** Long enough for every disk here. */
async function awhile(): Promise<void> {
  for (let i = 0; i < 10; i++) await house.advance(50)
}

async function online(identity: string, tabs = 1) {
  house = createHouse()
  const opened = Array.from({ length: tabs }, () => house.openTab({ identity }))
  await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
  return opened as [ReturnType<House['openTab']>, ...ReturnType<House['openTab']>[]]
}

describe('signing out', () => {
  it('[P13][S69][G13] with `discard` ends everything in every tab, and leaves nothing behind', async () => {
    const [tab, other] = await online('ann', 2)
    const sent = tab.line.send('note', 'sent')
    await house.quiet()
    await house.server.latest.cut()
    const queued = tab.line.send('note', 'queued')
    const fates = Promise.allSettled([sent.done, queued.done])
    await house.quiet()
    const signedOut = tab.line.signOut({ outbox: 'discard' })
    await house.advance(100)
    await signedOut
    expect(await fates).toMatchObject([
      { reason: { code: 'discarded', details: { by: 'sign-out', sent: true } } },
      { reason: { code: 'discarded', details: { by: 'sign-out' } } },
    ])
    for (const one of [tab, other]) {
      expect(one?.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
      expect(() => one?.line.send('note', 1)).toThrow(
        expect.objectContaining({ code: 'signed-out' }),
      )
    }
    expect(house.server.open).toBe(0)
    expect(house.hasDiskOf(lineOf('ann'))).toBe(false)
    await house.advance(120_000)
    expect(house.server.open).toBe(0)
  })

  for (const outbox of ['discard', 'keep'] as const) {
    it(`[P13][G108] with \`${outbox}\` holds for a tab whose hello is on its way, and not for one that comes later`, async () => {
      const [tab] = await online('ann')
      house.state.isWorkerSlow = true
      const late = house.openTab({ identity: 'ann' })
      const delivery = late.line.send('note', 'late')
      const fate = delivery.done.catch((error: unknown) => error)
      await house.quiet()
      const signedOut = tab.line.signOut({ outbox })
      await house.advance(100)
      await signedOut
      house.workerStarts()
      await awhile()
      expect(late.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
      expect(await fate).toMatchObject({ code: 'signed-out' })
      expect(house.server.open).toBe(0)
      expect(left()).toEqual(outbox === 'keep' ? ['"late"'] : [])

      const next = house.openTab({ identity: 'ann' })
      await awhile()
      await house.server.latest.welcome()
      await house.quiet()
      expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
    })
  }

  for (const outbox of ['discard', 'keep'] as const) {
    it(`[P13][G109] with \`${outbox}\` is learnt with the answer by a tab that comes to a worker of another release, and takes back what was handed over`, async () => {
      const [tab] = await online('ann')
      const later = { version: { ...VERSION, release: VERSION.release + 1 }, worker: '/later.js' }
      house.publish(later)
      house.load(later)
      house.state.isWorkerSlow = true
      const late = house.openTab({ identity: 'ann' })
      late.line.send('note', 'late')
      await house.quiet()
      const signedOut = tab.line.signOut({ outbox })
      await house.advance(100)
      await signedOut
      house.workerStarts()
      await awhile()
      expect(late.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
      expect(house.server.open).toBe(0)

      house.openTab({ identity: 'ann' })
      await awhile()
      await house.server.latest.welcome()
      await awhile()
      const payloads = house.server.latest.bodies('op').map(({ payload }) => payload)
      expect(payloads).toEqual(outbox === 'keep' ? ['"late"'] : [])
    })
  }

  it('[P2][P13][G109] takes back from another worker what is of the old user, and nothing of whoever came later', async () => {
    const [tab] = await online('ann')
    const later = { version: { ...VERSION, release: VERSION.release + 1 }, worker: '/later.js' }
    house.publish(later)
    house.load(later)
    house.state.isWorkerSlow = true
    house.openTab({ identity: 'ann' }).line.send('note', 'late')
    await house.quiet()
    const signedOut = tab.line.signOut({ outbox: 'discard' })
    await house.advance(100)
    await signedOut
    const next = house.openTab({ identity: 'ann' })
    next.line.send('note', 'of whoever comes later')
    await house.quiet()
    house.workerStarts()
    await awhile()
    await house.server.latest.welcome()
    await awhile()
    expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
    const payloads = house.server.latest.bodies('op').map(({ payload }) => payload)
    expect(payloads).toEqual(['"of whoever comes later"'])
  })

  it('[P13][G113] is learnt from the mark by a tab whose worker has not done it, and which takes over nothing until then', async () => {
    const [tab] = await online('ann')
    house.state.isWorkerDeaf = true
    const other = house.openTab({ identity: 'ann' })
    await house.quiet()
    void other.line.signOut({ outbox: 'keep' }).catch(() => {})
    const next = house.openTab({ identity: 'ann' })
    await house.quiet()
    next.line.send('note', 'of whoever comes later')
    for (let i = 0; i < 4; i++) await awhile()
    expect(tab.line.status.value).toMatchObject({ state: 'online', queued: 0 })
    expect(left()).toEqual(['"of whoever comes later"'])
    for (let i = 0; i < 9; i++) await house.advance(1_000)
    expect(tab.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth' })
    await awhile()
    expect(house.server.open).toBe(0)
  })

  it('[P13][G108] asked of a tab whose hello is on its way while another one does it is done all the same', async () => {
    const [tab] = await online('ann')
    house.state.isWorkerSlow = true
    const late = house.openTab({ identity: 'ann' })
    await house.quiet()
    const all = Promise.all([tab, late].map(({ line }) => line.signOut({ outbox: 'discard' })))
    await house.advance(100)
    house.workerStarts()
    await awhile()
    await all
    expect(house.server.open).toBe(0)
    expect(house.hasDiskOf(lineOf('ann'))).toBe(false)
  })

  it('[P2][P13][G14] with `keep` sends nothing until the same identity is there again', async () => {
    const [tab] = await online('ann')
    await house.server.latest.cut()
    const delivery = tab.line.send('note', 'mine')
    await delivery.stored
    const fate = delivery.done.catch((error: unknown) => error)
    const signedOut = tab.line.signOut({ outbox: 'keep' })
    await house.advance(100)
    await signedOut
    expect(await fate).toMatchObject({ code: 'signed-out' })
    expect(house.diskOf(lineOf('ann'))).toMatchObject({ isResting: true })

    const bob = house.openTab({ identity: 'bob' })
    await house.advance(100)
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toEqual([])
    expect(bob.line.outbox.value).toEqual([])
    expect(bob.line.status.value).toMatchObject({ state: 'online', queued: 0 })

    house.openTab({ identity: 'ann' })
    await house.advance(100)
    expect(house.diskOf(lineOf('ann'))).toMatchObject({ isResting: false })
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ payload: '"mine"' }])
  })

  it('[P1][F24] closes the old socket before that of the next identity opens', async () => {
    const [tab] = await online('ann')
    house.state.diskMs = 200
    void tab.line.signOut({ outbox: 'discard' })
    // The app does not wait, and neither does its next page object.
    const bob = house.openTab({ identity: 'bob' })
    const open: number[] = []
    for (let i = 0; i < 40; i++) {
      await house.advance(50)
      open.push(house.server.open)
    }
    await house.server.latest.welcome()
    await house.quiet()
    expect(Math.max(...open)).toBe(1)
    expect(bob.line.status.value.state).toBe('online')
  })

  it('[P13][F24] does not let a late signal of the old user reach the line of whoever comes next', async () => {
    const [tab, late] = await online('ann', 2)
    const signedOut = tab.line.signOut({ outbox: 'discard' })
    // Said before it could know, on a port that is still open.
    const delivery = late?.line.send('note', 'late')
    const fate = delivery?.done.catch((error: unknown) => error)
    await house.advance(100)
    await signedOut
    expect(await fate).toMatchObject({ code: expect.stringMatching(/discarded|signed-out/) })
    house.openTab({ identity: 'ann' })
    await house.advance(100)
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toEqual([])
  })

  for (const outbox of ['discard', 'keep'] as const) {
    it(`[P13][F14][G12] with \`${outbox}\` ends the line of a page in the back/forward cache too`, async () => {
      const [tab, cached] = await online('ann', 2)
      house.state.diskMs = 20
      const delivery = cached?.line.send('note', 'cached')
      await house.quiet()
      cached?.page.hidden()
      await house.quiet()
      const signedOut = tab.line.signOut({ outbox })
      await awhile()
      await signedOut
      const before = house.server.connections.length
      cached?.page.shown()
      await awhile()
      await expect(delivery?.done).rejects.toMatchObject({ code: 'signed-out' })
      expect(cached?.line.status.value).toMatchObject({
        state: 'stopped',
        cause: 'auth',
        queued: 0,
      })
      expect(house.server.connections).toHaveLength(before)
      expect(left()).toEqual(outbox === 'keep' ? ['"cached"'] : [])
    })
  }

  it('[P13] with `discard` leaves no lifeboat, and lets no page write another', async () => {
    const [tab] = await online('ann')
    house.state.isWorkerDeaf = true
    const cold = house.openTab({ identity: 'ann' })
    // Its hello is on its way: before it, the page would see for itself.
    await house.quiet()
    cold.line.send('note', 'before')
    expect(left()).toEqual(['"before"'])
    const signedOut = tab.line.signOut({ outbox: 'discard' })
    await house.quiet()
    await signedOut
    cold.line.send('note', 'after')
    cold.page.hidden()
    cold.kill('losing')
    expect(left()).toEqual([])
  })

  it('[P13] in every tab at once is done for each, with whatever fate it chose', async () => {
    const tabs = await online('ann', 3)
    await house.server.latest.cut()
    await tabs[0].line.send('note', 1).stored
    const fates = ['keep', 'discard', 'keep'] as const
    const over = Promise.all(
      tabs.map(({ line }, index) => line.signOut({ outbox: fates[index] ?? 'keep' })),
    )
    await awhile()
    await over
    expect(house.server.open).toBe(0)
    expect(house.diskOf(lineOf('ann')).operations.size).toBe(0)
  })

  it('[P5][P9][P13][G111] tells nobody `discarded` of what a death in between leaves on disk', async () => {
    const [tab, other] = await online('ann', 2)
    await house.server.latest.cut()
    const delivery = other?.line.send('note', 'still there')
    const fate = delivery?.done.catch((error: unknown) => error)
    await delivery?.stored
    house.state.diskMs = Infinity
    void tab.line.signOut({ outbox: 'discard' }).catch(() => {})
    await house.advance(100)
    expect(other?.line.status.value).toMatchObject({ state: 'stopped', cause: 'auth', queued: 0 })
    tab.kill()
    house.killWorker()
    house.state.diskMs = 0
    await awhile()
    expect(await fate).toMatchObject({ code: 'signed-out' })

    house.openTab({ identity: 'ann' })
    await awhile()
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.server.latest.bodies('op')).toMatchObject([{ payload: '"still there"' }])
  })

  for (const ends of ['gives up', 'dies'] as const) {
    it(`[P12][P13][G112] is not done for a tab that ${ends} while it waits for the line, at the cost of who comes later`, async () => {
      house = createHouse()
      const freeLine = await house.locks.agent().hold(lineLockName(lineOf('ann')))
      const tab = house.openTab({ identity: 'ann' })
      await house.quiet()
      const signedOut = tab.line.signOut({ outbox: 'discard' }).catch((error: unknown) => error)
      await house.quiet()
      if (ends === 'dies') tab.kill()
      for (let i = 0; i < 11; i++) await house.advance(1_000)
      if (ends === 'gives up') expect(await signedOut).toMatchObject({ code: 'worker-silent' })

      const next = house.openTab({ identity: 'ann' })
      await house.quiet()
      const delivery = next.line.send('note', 'of whoever comes later')
      freeLine()
      await awhile()
      await house.server.latest.welcome()
      await house.quiet()
      await delivery.stored
      expect(next.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
      expect(house.server.latest.bodies('op')).toHaveLength(1)
    })
  }

  it('[P13][G15] says so when the disk cannot be wiped', async () => {
    const [tab] = await online('ann')
    house.state.isDiskFull = true
    const signedOut = tab.line.signOut({ outbox: 'discard' }).catch((error: unknown) => error)
    await house.advance(100)
    expect(await signedOut).toMatchObject({ code: 'quota' })
    expect(house.server.open).toBe(0)
  })

  it('[P2][P5][P13][G15] leaves what the disk did not let go of to the same identity, and to nobody else', async () => {
    const [tab] = await online('ann')
    await house.server.latest.cut()
    const delivery = tab.line.send('note', 'still there')
    const fate = delivery.done.catch((error: unknown) => error)
    await delivery.stored
    house.state.isDiskFull = true
    const signedOut = tab.line.signOut({ outbox: 'discard' }).catch((error: unknown) => error)
    await house.advance(100)
    expect(await signedOut).toMatchObject({ code: 'quota' })
    expect(await fate).toMatchObject({ code: 'signed-out' })
    house.state.isDiskFull = false
    for (const [identity, payloads] of [
      ['bob', []],
      ['ann', ['"still there"']],
    ] as const) {
      house.openTab({ identity })
      await house.advance(1_000)
      await house.server.latest.welcome()
      await house.quiet()
      expect(house.server.latest.bodies('op').map(({ payload }) => payload)).toEqual(payloads)
    }
  })
})

describe('two lines on one origin', () => {
  it('[P13][F17] do not meet, and do not starve each other', async () => {
    house = createHouse()
    const ann = house.openTab({ identity: 'ann' })
    const bob = house.openTab({ identity: 'bob' })
    const other = house.openTab({ url: '/other' })
    await house.quiet()
    expect(house.server.open).toBe(3)
    for (const tab of [ann, bob, other]) {
      await tab.line.send('note', 1).stored
      await house.advance(100)
      expect(tab.line.status.value).toMatchObject({ tabs: 1, queued: 1 })
      expect(tab.line.outbox.value).toHaveLength(1)
    }
    expect(house.diskOf(lineOf('ann')).operations.size).toBe(1)
    for (const connection of house.server.connections) await connection.welcome()
    await house.quiet()
    const sent = house.server.connections.map((connection) => connection.bodies('op').length)
    expect(sent).toEqual([1, 1, 1])
  })
})

describe('a token that is refreshed', () => {
  it('[P13] is no switch: the connection, its channels and its queue stay as they are', async () => {
    house = createHouse()
    let token = 'first'
    const tab = house.openTab({ identity: 'ann', auth: () => token })
    await house.quiet()
    await house.server.latest.welcome()
    tab.line.channel('news').subscribe(() => {})
    const delivery = tab.line.send('note', 1)
    await house.quiet()
    token = 'second'
    await house.server.latest.say(['auth-needed', { within: 10_000 }])
    await house.quiet()
    expect(house.server.connections).toHaveLength(1)
    expect(house.server.latest.bodies('auth')).toEqual([{ token: 'second' }])
    expect(house.server.latest.bodies('subscribe')).toHaveLength(1)
    expect(house.server.latest.bodies('op')).toHaveLength(1)
    const [op] = house.server.latest.bodies('op')
    await house.server.latest.say([
      'ack',
      { lane: op?.lane ?? '', epoch: op?.epoch ?? 0, seq: op?.seq ?? 0 },
    ])
    await expect(delivery.done).resolves.toBeUndefined()
  })

  it('is what an operation gets that asks for it, and then goes again', async () => {
    house = createHouse()
    let token = 'stale'
    const tab = house.openTab({ identity: 'ann', auth: () => token })
    await house.quiet()
    await house.server.latest.welcome()
    tab.line.send('pay', 1)
    await house.quiet()
    token = 'fresh'
    const [op] = house.server.latest.bodies('op')
    const number = { lane: op?.lane ?? '', epoch: op?.epoch ?? 0, seq: op?.seq ?? 0 }
    await house.server.latest.say([
      'nack',
      { ...number, verdict: 'auth', code: 'auth', after: 100 },
    ])
    await house.advance(100)
    expect(house.server.latest.frames.map(([type]) => type)).toEqual(['hello', 'op', 'auth', 'op'])
    expect(house.server.latest.bodies('auth')).toEqual([{ token: 'fresh' }])
    expect(house.server.connections).toHaveLength(1)
  })
})
