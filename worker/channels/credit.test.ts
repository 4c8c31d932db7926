import { describe, expect, it } from 'vitest'
import { at, NEWS, numbers, createChannelsWorld as setUp } from '../../testing/channels-world.js'
import { CREDIT } from './channels.js'

describe('cursors and credit', () => {
  it('[F21][G21] move on disk only when a tab has handled the event', async () => {
    const { openTab, ok, events, disk, clock } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    tab.read()
    events(1, 3)
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toEqual(at('0'))
    tab.read()
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toEqual(at('3'))
  })

  it('[P7][F37][G22] are known to the disk before a channel ever spoke', async () => {
    const { openTab, ok, disk, clock } = setUp()
    const tab = openTab()
    tab.subscribe('last')
    ok('7')
    await clock.advance(1_000)
    // Who has not heard of it has no place yet, and may never get one.
    expect(disk.get(NEWS)).toBeUndefined()
    tab.read()
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toEqual(at('7'))
    const tomorrow = setUp({ cursors: disk })
    tomorrow.openTab().subscribe('last')
    expect(tomorrow.framesOf('subscribe')).toEqual([{ channel: NEWS, cursor: at('7') }])
  })

  it('[F21] are not taken back by a tab that stands further back than the disk', async () => {
    const { openTab, channels, events, disk, clock } = setUp({
      cursors: new Map([[NEWS, at('5')]]),
    })
    const tab = openTab()
    tab.subscribe({ after: at('1') })
    channels.answered({ channel: NEWS, state: 'replay', ...at('1'), head: '8' as never })
    for (const [first, last, known] of [
      [2, 3, '5'],
      [4, 6, '6'],
      [7, 8, '8'],
    ] as const) {
      events(first, last)
      tab.read()
      await clock.advance(200)
      expect(disk.get(NEWS)).toEqual(at(known))
    }
  })

  it('[P7] go on from where a tab begins that has come further than the disk', async () => {
    const { openTab, channels, ok, events, disk, clock, setOnline } = setUp({
      cursors: new Map([[NEWS, at('1')]]),
    })
    const tab = openTab()
    tab.subscribe({ after: at('5') })
    channels.answered({ channel: NEWS, state: 'replay', ...at('5'), head: '8' as never })
    events(6, 7)
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('1'))
    setOnline(false)
    channels.hello()
    setOnline(true)
    ok('7')
    events(8, 8)
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('8'))
  })

  it('[P7][G23] go on with the first event of a tab that wants what comes now', async () => {
    const { openTab, ok, events, disk, clock } = setUp({ cursors: new Map([[NEWS, at('1')]]) })
    const tab = openTab()
    tab.subscribe('now')
    ok('7')
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('1'))
    events(8, 8)
    tab.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('8'))
  })

  it('[P7] stay where they are while nobody listens', async () => {
    const { openTab, channels, ok, events, disk, clock } = setUp()
    const tab = openTab()
    const subscriber = tab.subscribe()
    ok('0')
    events(1, 1)
    tab.read()
    await clock.advance(200)
    channels.unsubscribe(subscriber)
    events(2, 9)
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toEqual(at('1'))
    const late = openTab()
    late.subscribe('last')
    late.read()
    expect(late.ids()).toEqual(numbers(2, 9))
  })

  it('are written once for a burst', async () => {
    const { openTab, ok, events, clock, framesOf } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    for (let i = 0; i < 50; i++) {
      events(i + 1, i + 1)
      tab.read()
    }
    await clock.advance(100)
    expect(framesOf('credit')).toEqual([{ events: 50 }])
  })

  it('[P14][G83] are all the credit there is: what no tab has handled is not replaced', async () => {
    const { openTab, ok, events, clock, framesOf, channels } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 300)
    await clock.advance(1_000)
    expect(framesOf('credit')).toEqual([])
    expect(channels.hello().credit).toBe(16_384 - 300)
  })

  it('[P14] freed between hello and welcome are granted after the welcome', async () => {
    const { openTab, channels, ok, events, clock, framesOf, setOnline } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 300)
    setOnline(false)
    expect(channels.hello().credit).toBe(CREDIT - 300)
    tab.read()
    await clock.advance(1_000)
    setOnline(true)
    ok('300')
    channels.welcomed(10)
    await clock.advance(1_000)
    expect(framesOf('credit')).toEqual([{ events: 300 }])
  })

  it('[F18][P14] are not kept from everybody by a tab that reads nothing', async () => {
    const { openTab, ok, events, clock, framesOf } = setUp()
    const frozen = openTab()
    const other = openTab()
    frozen.subscribe('now', 'busy')
    other.subscribe('now', 'calm')
    ok('0', 'busy')
    ok('0', 'calm')
    events(1, CREDIT, 'busy')
    await clock.advance(10_000)
    expect(framesOf('credit')).toEqual([{ events: CREDIT }])
    events(1, 3, 'calm')
    other.read()
    expect(other.ids()).toEqual(['1', '2', '3'])
    events(CREDIT + 1, CREDIT + 2, 'busy')
    frozen.read()
    expect(frozen.gaps()).toEqual(['slow'])
    events(CREDIT + 3, CREDIT + 3, 'busy')
    frozen.read()
    expect(frozen.ids()).toEqual([String(CREDIT + 3)])
  })

  it('[P14][G25] are given back for a channel that nobody has read for five seconds', async () => {
    for (const [unseen, afterMs, isGivenUp] of [
      [CREDIT / 2 - 1, 60_000, false],
      [CREDIT / 2, 4_999, false],
      [CREDIT / 2, 5_100, true],
    ] as const) {
      const { openTab, ok, events, clock, framesOf } = setUp()
      openTab().subscribe()
      ok('0')
      events(1, unseen)
      await clock.advance(afterMs)
      expect(framesOf('credit').length > 0).toBe(isGivenUp)
    }
  })

  it('[P6] cost no gap to a tab that reads slowly', async () => {
    const { openTab, ok, events, clock } = setUp()
    const slow = openTab()
    const subscriber = slow.subscribe()
    ok('0')
    events(1, CREDIT)
    for (let place = 0; place < CREDIT; ) {
      await clock.advance(4_000)
      const batch = subscriber.channel.cut(place, [subscriber.id])
      expect(batch.news.kind).toBe('events')
      place = batch.to
      subscriber.place = place
      subscriber.channel.confirmed(batch, [subscriber])
    }
  })

  it('[P14] come back for events that nobody wants any more', async () => {
    const { channels, framesOf, clock } = setUp()
    const frame = { channel: 'gone', epoch: 'e1', after: '0', events: [['1', '1']] }
    channels.received(frame as never)
    await clock.advance(100)
    expect(framesOf('unsubscribe')).toEqual([{ channel: 'gone' }])
    expect(framesOf('credit')).toEqual([{ events: 1 }])
  })
})
