import { describe, expect, it } from 'vitest'
import {
  createConsumerDisk,
  createConsumersWorld,
  FAILED,
} from '../../../testing/consumers-world.js'

type World = ReturnType<typeof createConsumersWorld>

/** Tabs that offer, in this order, at a channel that stands at 0. */
async function open(names: string, world = createConsumersWorld()) {
  const tabs = [...names].map((name) => world.openTab(name))
  for (const tab of tabs) tab.offer()
  world.ok('0')
  await world.quiet()
  return { world, tabs: tabs as [(typeof tabs)[0], (typeof tabs)[0], (typeof tabs)[0]] }
}

async function give(world: World, first: number, last: number): Promise<void> {
  world.events(first, last)
  await world.quiet()
}

describe('[P8] a consumer', () => {
  it('[G88] hands each event to one tab, in order, and the next when it has been handled', async () => {
    const { world, tabs } = await open('ab')
    const [a] = tabs
    await give(world, 1, 3)
    expect(world.log).toEqual(['a:1#1'])
    for (let i = 0; i < 3; i++) {
      a.done()
      await world.quiet()
    }
    expect(world.log).toEqual(['a:1#1', 'a:2#1', 'a:3#1'])
  })

  it('[G107] hands out nothing before it is written down where it began', async () => {
    const world = createConsumersWorld()
    world.state.diskIs = 'slow'
    const { tabs } = await open('a', world)
    await give(world, 1, 1)
    expect(world.log).toEqual([])
    world.state.diskIs = 'fine'
    world.diskAnswers()
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('0')
    expect(world.log).toEqual(['a:1#1'])
    tabs[0].done()
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('1')
  })

  it('[G40] begins with what comes after its first offer, and writes that down when it is named', async () => {
    const world = createConsumersWorld()
    world.openTab('a').offer()
    await world.quiet()
    expect(world.disk.transactions).toEqual([])
    world.ok('5')
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('5')
    expect(world.log).toEqual([])
  })

  it('[S81] moves on disk only when the handler is done, and hands out nothing before that', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 2)
    expect(world.disk.positionOf('c')).toBe('0')
    world.state.diskIs = 'slow'
    tabs[0].done()
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('0')
    expect(world.log).toEqual(['a:1#1'])
    world.diskAnswers()
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('1')
    expect(world.log).toEqual(['a:1#1', 'a:2#1'])
  })

  it('[P12][S81] goes on in memory when the disk refuses, and says then where it stands', async () => {
    const { world, tabs } = await open('a')
    world.state.diskIs = 'broken'
    await give(world, 1, 3)
    for (let i = 0; i < 3; i++) {
      tabs[0].done()
      await world.quiet()
    }
    expect(world.log).toHaveLength(3)
    expect(world.consumers.snapshot()).toEqual([
      {
        type: 'put-consumer',
        consumer: { channel: 'news', name: 'c', cursor: world.position('3') },
      },
    ])
  })

  it('prefers a visible tab, at each event anew', async () => {
    const { world, tabs } = await open('ab')
    const [a, b] = tabs
    b.candidate.isVisible = true
    await give(world, 1, 2)
    b.candidate.isVisible = false
    b.done()
    await world.quiet()
    expect(world.log).toEqual(['b:1#1', 'a:2#1'])
    expect(a.running).toBeDefined()
  })

  it('is one for each name, with a position of its own', async () => {
    const world = createConsumersWorld()
    const [a, b] = [world.openTab('a'), world.openTab('b')]
    a.offer({ name: 'first' })
    b.offer({ name: 'second' })
    world.ok('0')
    await give(world, 1, 2)
    a.done()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'b:1#1', 'a:2#1'])
    expect([world.disk.positionOf('first'), world.disk.positionOf('second')]).toEqual(['1', '0'])
  })

  it('[P7] does not move what the origin has seen', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 1)
    tabs[0].done()
    await world.clock.advance(1_000)
    expect(world.channels.snapshot()).toEqual([])
  })
})

describe('[P8][P12] the tab that handles', () => {
  it('dies: the next one gets the event at once, and it counts', async () => {
    const { world, tabs } = await open('abc')
    await give(world, 1, 1)
    tabs[0].die()
    await world.quiet()
    tabs[1].die()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'b:1#2', 'c:1#3'])
    tabs[2].die()
    await world.quiet()
    expect([...world.disk.parked.values()]).toMatchObject([
      { attempts: 3, error: { code: 'outcome-unknown' } },
    ])
  })

  it('dies once, however often it offers: what it had in hand has failed once', async () => {
    const {
      world,
      tabs: [a],
    } = await open('a')
    for (let i = 0; i < 2; i++) a.offer()
    const b = world.openTab('b')
    b.offer()
    await give(world, 1, 1)
    expect(world.log).toEqual(['a:1#1'])
    a.die()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'b:1#2'])
    b.done()
    await world.quiet()
    expect(world.disk.parked.size).toBe(0)
  })

  it('hangs with the event for as long as it lives, and dies of it: that counts too', async () => {
    const world = createConsumersWorld()
    for (const name of 'abc') {
      expect(world.disk.parked.size).toBe(0)
      const tab = world.openTab(name)
      tab.freeze()
      tab.offer()
      if (name === 'a') world.ok('0')
      await world.quiet()
      if (name === 'a') await give(world, 1, 1)
      await world.clock.advance(60_000)
      tab.die()
      await world.quiet()
    }
    expect([...world.disk.parked.values()]).toMatchObject([{ attempts: 3 }])
  })

  it('leaves or stops: the next one gets it at once, and it does not count', async () => {
    const { world, tabs } = await open('ab')
    const c = world.openTab('c')
    await give(world, 1, 1)
    for (let i = 0; i < 5; i++) {
      const offer = c.offer()
      tabs[i]?.leave()
      if (i > 1) offer.stop()
      await world.quiet()
    }
    expect(world.disk.parked.size).toBe(0)
    expect(world.log.slice(0, 3)).toEqual(['a:1#1', 'b:1#2', 'c:1#3'])
  })

  it('is ignored when it says later that it is done', async () => {
    const { world, tabs } = await open('ab')
    await give(world, 1, 2)
    tabs[0].leave()
    await world.quiet()
    tabs[0].says('1', 1)
    tabs[0].says('1', 2)
    await world.quiet()
    expect(world.disk.positionOf('c')).toBe('0')
    tabs[1].done()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'b:1#2', 'b:2#1'])
  })

  it('is ignored also when it was the only one: the event waits for the next', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 1)
    tabs[0].leave()
    tabs[0].says('1', 1)
    await world.quiet()
    world.openTab('b').offer()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'b:1#2'])
  })

  it('[F14][S77] is frozen: another one gets the event, and what thaws lets it be', async () => {
    const { world, tabs } = await open('ab')
    const [a, b] = tabs
    a.freeze()
    await give(world, 1, 3)
    await world.clock.advance(4_999)
    expect(world.log).toEqual([])
    await world.clock.advance(1)
    expect(world.log).toEqual(['b:1#2'])
    b.done()
    await world.quiet()
    // Nobody waits for it a second time.
    expect(world.log).toEqual(['b:1#2', 'b:2#1'])
    a.thaw()
    await world.quiet()
    expect(a.running).toBeUndefined()
    b.done()
    await world.quiet()
    // It has shown that it lives.
    expect(world.log.at(-1)).toBe('a:3#1')
  })

  it('[F14][S147] is frozen and the only one: it gets the event when it has thawed', async () => {
    const { world, tabs } = await open('a')
    tabs[0].freeze()
    await give(world, 1, 1)
    await world.clock.advance(3_600_000)
    tabs[0].thaw()
    await world.clock.advance(249)
    expect(world.log).toEqual([])
    await world.clock.advance(1)
    expect(world.log).toEqual(['a:1#2'])
    expect(tabs[0].kinds('consume')).toHaveLength(2)
  })

  it('blocks itself with the event and says so after all: it is not handled a second time', async () => {
    const { world, tabs } = await open('a')
    const [a] = tabs
    a.freeze()
    await give(world, 1, 1)
    await world.clock.advance(6_000)
    a.thaw()
    a.says('1', 1)
    await world.clock.advance(1_000)
    expect(world.log).toEqual([])
    expect(world.disk.positionOf('c')).toBe('1')
  })

  it('[F45][G89] never answers: that is a failure when its time is over', async () => {
    const { world } = await open('a')
    await give(world, 1, 1)
    await world.clock.advance(31_000)
    expect(world.log).toEqual(['a:1#1'])
    await world.clock.advance(750)
    expect(world.log).toEqual(['a:1#1', 'a:1#2'])
  })
})

describe('[P8] an event that fails', () => {
  it('[G35] is tried again while the rest waits, and then parked with its reason', async () => {
    const { world, tabs } = await open('a')
    const [a] = tabs
    await give(world, 1, 2)
    a.fail()
    await world.clock.advance(749)
    expect(world.log).toEqual(['a:1#1'])
    await world.clock.advance(1)
    a.fail()
    await world.clock.advance(1_500)
    expect(world.log).toEqual(['a:1#1', 'a:1#2', 'a:1#3'])
    a.fail({ ...FAILED, message: 'Never.' })
    await world.quiet()
    expect(world.log.at(-1)).toBe('a:2#1')
    const [parked] = world.disk.parked.values()
    expect(parked).toMatchObject({ attempts: 3, payload: '"1"', error: { message: 'Never.' } })
    expect(world.parkedNews).toEqual([{ kind: 'parked', whole: false, put: [parked], removed: [] }])
  })

  it('[P2][S82] is parked and passed in one transaction', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 1)
    tabs[0].fail({ ...FAILED, code: 'bad-event' } as typeof FAILED)
    await world.quiet()
    expect(world.disk.transactions.at(-1)?.map(({ type }) => type)).toEqual([
      'put-parked',
      'put-consumer',
    ])
    expect(world.disk.positionOf('c')).toBe('1')
  })
})

describe('[P8] a parked event', () => {
  async function park(disk = createConsumerDisk()) {
    const { world, tabs } = await open('a', createConsumersWorld({ disk }))
    await give(world, 1, 3)
    tabs[0].fail({ ...FAILED, code: 'invalid' } as typeof FAILED)
    await world.quiet()
    const [key = ''] = disk.parked.keys()
    return { world, a: tabs[0], key, disk }
  }

  it('[G37] is handed out before the next events, and stays parked until it is handled', async () => {
    const { world, a, key, disk } = await park()
    expect(world.consumers.unpark(key)).toBe(true)
    expect(world.consumers.unpark(key)).toBe(true)
    a.done()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'a:2#1', 'a:1#1'])
    expect(disk.parked.size).toBe(1)
    a.done()
    await world.quiet()
    expect(disk.parked.size).toBe(0)
    expect(world.log.at(-1)).toBe('a:3#1')
    expect(world.parkedNews.at(-1)).toMatchObject({ put: [], removed: [key] })
    expect(disk.positionOf('c')).toBe('2')
  })

  it('[G37] that fails again stays, with the new reason, and holds up nobody', async () => {
    const { world, a, key, disk } = await park()
    world.consumers.unpark(key)
    a.done()
    await world.quiet()
    a.fail({ ...FAILED, message: 'Still.' })
    await world.quiet()
    expect(disk.parked.get(key)).toMatchObject({ attempts: 2, n: 1, error: { message: 'Still.' } })
    expect(world.log.at(-1)).toBe('a:3#1')
  })

  it('can be discarded, also while it is being handled', async () => {
    const { world, a, key, disk } = await park()
    world.consumers.unpark(key)
    a.done()
    await world.quiet()
    expect(world.consumers.discardParked(key)).toBe(true)
    expect(world.consumers.discardParked(key)).toBe(false)
    a.fail()
    await world.quiet()
    expect(disk.parked.size).toBe(0)
    expect(world.consumers.unpark(key)).toBe(false)
  })

  it('is there after a restart, and nobody can retry it before somebody consumes', async () => {
    const { world, key, disk } = await park()
    world.killWorker()
    const next = createConsumersWorld({ disk })
    expect(next.consumers.wholeParked()).toMatchObject({ whole: true, put: [{ key }] })
    expect(next.consumers.unpark(key)).toBe(false)
    const b = next.openTab('b')
    b.offer()
    expect(next.consumers.unpark(key)).toBe(true)
    await next.quiet()
    expect(next.log).toEqual(['b:1#1'])
  })

  it('[P14][G90] makes room for the thousand that came after it', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 1_001)
    for (let i = 0; i < 1_001; i++) {
      tabs[0].fail({ ...FAILED, code: 'invalid' } as typeof FAILED)
      await world.quiet()
    }
    expect(world.disk.parked.size).toBe(1_000)
    expect([...world.disk.parked.values()][0]?.cursor.id).toBe('2')
    expect(world.parkedNews.at(-1)).toMatchObject({ removed: [expect.stringContaining('"1"')] })
  })
})

describe('[P8] where a consumer reads', () => {
  it('[F21] goes on at the event in hand when its worker is killed, and repeats no other', async () => {
    const disk = createConsumerDisk()
    const { world, tabs } = await open('a', createConsumersWorld({ disk }))
    await give(world, 1, 3)
    tabs[0].done()
    await world.quiet()
    expect(world.log.at(-1)).toBe('a:2#1')
    world.killWorker()
    const next = createConsumersWorld({ disk })
    next.openTab('b').offer()
    next.ok('1')
    await give(next, 2, 3)
    expect(next.framesOf('subscribe')).toEqual([{ channel: 'news', cursor: next.position('1') }])
    expect(next.log).toEqual(['b:2#1'])
  })

  it('lets go of the channel when no tab offers, and goes on behind what is in hand', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 2)
    tabs[0].leave()
    await world.clock.advance(5_000)
    expect(world.framesOf('unsubscribe')).toEqual([{ channel: 'news' }])
    const b = world.openTab('b')
    b.offer()
    await world.quiet()
    expect(world.framesOf('subscribe').at(-1)).toEqual({
      channel: 'news',
      cursor: world.position('1'),
    })
    expect(world.log).toEqual(['a:1#1', 'b:1#2'])
    world.ok('1')
    await give(world, 2, 2)
    b.done()
    await world.quiet()
    expect(world.log.at(-1)).toBe('b:2#1')
  })

  it('[P6][G41] tells one tab of a gap, in its place among the events, and goes on behind it', async () => {
    const { world, tabs } = await open('ab')
    const [a, b] = tabs
    await give(world, 1, 1)
    world.channels.gapped({ channel: 'news', reason: 'trimmed', ...world.position('9') } as never)
    await world.quiet()
    expect(a.kinds('gap')).toEqual([])
    a.done()
    await world.quiet()
    expect(a.kinds('gap')).toMatchObject([{ subscriptions: [1], cursor: { id: '9' } }])
    expect(b.kinds('gap')).toEqual([])
    expect(world.disk.positionOf('c')).toBe('9')
    await give(world, 10, 10)
    expect(world.log.at(-1)).toBe('a:10#1')
  })

  it('tells every tab that offers of a denial, also who comes later', async () => {
    const world = createConsumersWorld()
    const [a, b] = [world.openTab('a'), world.openTab('b')]
    const ids = [a.offer().id]
    world.channels.answered({ channel: 'news', state: 'denied' } as never)
    ids.push(b.offer().id)
    await world.quiet()
    expect([a, b].map((tab) => tab.kinds('denied'))).toMatchObject(
      ids.map((id) => [{ subscriptions: [id], error: { code: 'denied' } }]),
    )
  })

  it('tells nobody of a denial that is over', async () => {
    const { world, tabs } = await open('a')
    world.channels.answered({ channel: 'news', state: 'denied' } as never)
    await world.quiet()
    expect(tabs[0].kinds('denied')).toHaveLength(1)
    world.setOnline(false)
    world.channels.hello()
    world.setOnline(true)
    world.ok('0')
    const late = world.openTab('late')
    late.offer()
    await world.quiet()
    expect(late.kinds('denied')).toEqual([])
  })

  it('handles offline what has come already', async () => {
    const { world, tabs } = await open('a')
    await give(world, 1, 2)
    world.setOnline(false)
    tabs[0].done()
    await world.quiet()
    expect(world.log).toEqual(['a:1#1', 'a:2#1'])
  })

  it('[P14] is served by pages where the ring no longer reaches, one at a time', async () => {
    const disk = createConsumerDisk()
    disk.commit([
      {
        type: 'put-consumer',
        consumer: { channel: 'news', name: 'c', cursor: { epoch: 'e1', id: '2' } as never },
      },
    ])
    const world = createConsumersWorld({ disk, hasPages: true })
    const live = world.openTab('live')
    live.offer({ name: 'other' })
    world.ok('4')
    const a = world.openTab('a')
    a.offer()
    await world.quiet()
    const [asked] = world.framesOf('fetch') as [{ id: number; cursor: unknown }]
    expect(asked.cursor).toEqual(world.position('2'))
    const events = [
      ['3', '"3"'],
      ['4', '"4"'],
    ]
    world.channels.paged({
      id: asked.id,
      state: 'events',
      epoch: 'e1',
      after: '2',
      events,
    } as never)
    await world.quiet()
    await give(world, 5, 5)
    for (let i = 0; i < 2; i++) {
      a.done()
      await world.quiet()
    }
    expect(world.log.filter((line) => line.startsWith('a'))).toEqual(['a:3#1', 'a:4#1', 'a:5#1'])
    expect(world.framesOf('fetch')).toHaveLength(1)
  })

  it('[F18] frees the credit of what it has in memory', async () => {
    const { world } = await open('a')
    for (let i = 0; i < 4; i++) await give(world, i * 1_000 + 1, (i + 1) * 1_000)
    await world.clock.advance(1_000)
    expect(world.framesOf('credit').length).toBeGreaterThan(0)
  })
})
