import { describe, expect, it } from 'vitest'
import { at, NEWS, numbers, createChannelsWorld as setUp } from '../../testing/channels-world.js'
import { CREDIT } from './channels.js'
import { serve } from './serve.js'

const KNOWN = new Map([[NEWS, at('3')]])

/** A tab that goes on from 3, where the disk stands, and has read up to 5. */
function setUpReader() {
  const world = setUp({ cursors: KNOWN })
  const tab = world.openTab()
  const subscriber = tab.subscribe('last')
  world.ok('3')
  world.events(4, 5)
  tab.read()
  return { ...world, tab, subscriber }
}

describe('a subscription that goes on unheard', () => {
  it('[P6][P7] does not move the cursor on disk: tomorrow what it took comes again', async () => {
    const { channels, subscriber, events, tab, clock, disk } = setUpReader()
    channels.hush(subscriber)
    events(6, 9)
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('5'))
    const tomorrow = setUp({ cursors: disk })
    tomorrow.openTab().subscribe('last')
    expect(tomorrow.framesOf('subscribe')).toEqual([{ channel: NEWS, cursor: at('5') }])
  })

  it('[P7] counts from the moment in which the tab says so, before it confirms', async () => {
    const { channels, subscriber, events, clock, disk } = setUpReader()
    events(6, 9)
    const helping = serve([subscriber])
    channels.hush(subscriber)
    helping?.confirm()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('5'))
  })

  it('[P14] gives credit back all the same, and keeps nobody waiting', async () => {
    const { channels, subscriber, events, tab, clock, framesOf } = setUpReader()
    channels.hush(subscriber)
    events(6, CREDIT)
    tab.read()
    await clock.advance(10_000)
    const granted = framesOf('credit').reduce(
      (sum, body) => sum + (body as { events: number }).events,
      0,
    )
    expect(granted).toBe(CREDIT - 3)
    expect(tab.gaps()).toEqual([])
  })

  it('[P6] is of no account for another tab that hears the same events', async () => {
    const { channels, subscriber, events, tab, clock, disk, openTab } = setUpReader()
    const other = openTab()
    other.subscribe('last')
    channels.hush(subscriber)
    events(6, 9)
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('5'))
    other.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('9'))
  })

  it('[P6] is followed by one that is heard, which the disk goes by from where it begins', async () => {
    const { channels, subscriber, events, tab, clock, disk } = setUpReader()
    channels.hush(subscriber)
    events(6, 9)
    tab.read()
    tab.subscribe({ after: at('8') })
    channels.unsubscribe(subscriber)
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('5'))
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('9'))
  })

  it('[P7][G22] is nobody’s first position, nor is one that its tab has not heard of', async () => {
    const { openTab, ok, channels, clock, disk } = setUp()
    const [hushed, leaving, heard] = [openTab(), openTab(), openTab()]
    hushed.subscribe('last', NEWS, { isUnheard: true })
    const gone = leaving.subscribe('last')
    heard.subscribe('last')
    ok('7')
    hushed.read()
    channels.unsubscribe(gone)
    leaving.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toBeUndefined()
    heard.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('7'))
  })

  it('[P6] that is told of a gap as its first news begins there', async () => {
    const { openTab, channels, clock, disk } = setUp()
    const tab = openTab()
    tab.subscribe({ after: at('1') })
    channels.answered({ channel: NEWS, state: 'gap', reason: 'trimmed', ...at('50') })
    await clock.advance(200)
    expect(disk.get(NEWS)).toBeUndefined()
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('50'))
  })
})

describe('the history of a channel', () => {
  const KEPT = new Map([
    [
      NEWS,
      {
        limit: 3,
        events: numbers(1, 3).map((id, i) => ({ n: i + 1, ...at(id), payload: `"${id}"` })),
      },
    ],
  ])

  it('[P7] is there at once, with no network, and live events go on behind it', async () => {
    const { openTab, ok, events, records, disk, clock, channels } = setUp({
      cursors: KNOWN,
      histories: KEPT,
    })
    const tab = openTab()
    tab.subscribe('last', NEWS, { history: 2 })
    expect(tab.told).toEqual([
      {
        kind: 'events',
        subscriptions: [1],
        channel: NEWS,
        epoch: 'e1',
        ids: ['2', '3'],
        payloads: '"2"\u001e"3"',
        isKept: true,
      },
    ])
    expect(channels.hello().channels).toEqual([{ channel: NEWS, cursor: at('3') }])
    ok('3')
    events(4, 5)
    tab.read()
    expect(tab.ids()).toEqual(['2', '3', '4', '5'])
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('5'))
    expect(records.get(NEWS)?.events.map(({ id }) => id)).toEqual(['3', '4', '5'])
  })

  it('[P6] is told of by whoever begins elsewhere, and not given to it', async () => {
    const { openTab, records, clock } = setUp({ cursors: KNOWN, histories: KEPT })
    const tab = openTab()
    tab.subscribe({ after: at('2') }, NEWS, { history: 9 })
    tab.subscribe('now', NEWS, { history: 1 })
    await clock.advance(200)
    expect(tab.told).toEqual([])
    expect(records.get(NEWS)?.limit).toBe(9)
  })

  it('[F39] of another epoch is followed by a gap', () => {
    const { openTab, channels } = setUp({ cursors: KNOWN, histories: KEPT })
    const tab = openTab()
    tab.subscribe('last', NEWS, { history: 3 })
    channels.answered({ channel: NEWS, state: 'gap', reason: 'epoch', ...at('9', 'e2') })
    expect(tab.told.map(({ kind }) => kind)).toEqual(['events', 'gap'])
  })

  it('[P13] is not shown where the server says no', () => {
    const { openTab, channels } = setUp({ cursors: KNOWN, histories: KEPT })
    openTab().subscribe('last')
    channels.answered({ channel: NEWS, state: 'denied' })
    const late = openTab()
    late.subscribe('last', NEWS, { history: 3 })
    expect(late.told.map(({ kind }) => kind)).toEqual(['denied'])
  })

  it('is moved by any tab that is heard, and by none that is not', async () => {
    const { openTab, ok, events, records, clock } = setUp({ cursors: KNOWN, histories: KEPT })
    const [plain, hushed] = [openTab(), openTab()]
    plain.subscribe('last')
    hushed.subscribe('last', NEWS, { isUnheard: true, history: 3 })
    ok('3')
    events(4, 4)
    hushed.read()
    await clock.advance(200)
    expect(records.get(NEWS)?.events.at(-1)?.id).toBe('3')
    plain.read()
    await clock.advance(200)
    expect(records.get(NEWS)?.events.at(-1)?.id).toBe('4')
  })

  it('[F21] has what a slow tab confirms long after it was dropped from the ring', async () => {
    const { openTab, ok, events, records, channels, clock } = setUp({ cursors: KNOWN })
    const [slow, quick] = [openTab(), openTab()]
    const subscriber = slow.subscribe('last', NEWS, { history: 1_000 })
    const hushed = quick.subscribe('last')
    channels.hush(hushed)
    ok('3')
    events(4, 900)
    const helping = serve([subscriber])
    for (let i = 901; i < 6_000; i += 100) {
      events(i, i + 99)
      quick.read()
    }
    helping?.confirm()
    await clock.advance(200)
    expect(records.get(NEWS)?.events.map(({ id }) => id)).toEqual(numbers(4, 900))
  })

  it('[P2][G29] shares the transaction of the cursor, also after the disk has refused one', async () => {
    const ends: unknown[] = []
    const world = setUp({
      cursors: KNOWN,
      histories: KEPT,
      onCommit: () =>
        ends.push([world.disk.get(NEWS)?.id, world.records.get(NEWS)?.events.at(-1)?.id]),
    })
    const { openTab, ok, events, breakDisk, clock, records, disk } = world
    const tab = openTab()
    tab.subscribe('last', NEWS, { history: 3 })
    ok('3')
    for (const [first, isBroken] of [
      [4, true],
      [5, false],
      [6, true],
    ] as const) {
      breakDisk(isBroken)
      events(first, first)
      tab.read()
      await clock.advance(200)
    }
    expect(disk.get(NEWS)).toEqual(at('5'))
    breakDisk(false)
    tab.subscribe('last', NEWS, { history: 5 })
    await clock.advance(200)
    expect(ends).toEqual([
      ['5', '5'],
      ['6', '6'],
    ])
    expect(records.get(NEWS)?.events.map(({ id }) => id)).toEqual(['4', '5', '6'])
  })
})
