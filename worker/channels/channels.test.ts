import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../protocol/ids.js'
import { SEPARATOR } from '../../protocol/port.js'
import { at, NEWS, numbers, createChannelsWorld as setUp } from '../../testing/channels-world.js'
import { settled } from '../../testing/virtual-clock.js'
import { RING_EVENTS } from './ring.js'

describe('subscribing', () => {
  it('[P1] asks the server once for any number of tabs', () => {
    const { openTab, framesOf, ok, events } = setUp()
    const tabs = [openTab(), openTab(), openTab()]
    for (const tab of tabs) tab.subscribe()
    expect(framesOf('subscribe')).toEqual([{ channel: NEWS }])
    ok('7')
    events(8, 9)
    for (const tab of tabs) tab.read()
    expect(tabs.map((tab) => tab.ids())).toEqual([
      ['8', '9'],
      ['8', '9'],
      ['8', '9'],
    ])
  })

  it('[F37] learns the position from the answer, before any event', () => {
    const { openTab, ok, channels } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('7')
    expect(tab.told).toEqual([{ kind: 'position', subscriptions: [1], cursor: at('7') }])
    expect(channels.hello().channels).toEqual([{ channel: NEWS, cursor: at('7') }])
  })

  it('[P7] begins where this origin last stood, when asked to', () => {
    const { openTab, framesOf } = setUp({ cursors: new Map([[NEWS, at('3')]]) })
    openTab().subscribe('last')
    expect(framesOf('subscribe')).toEqual([{ channel: NEWS, cursor: at('3') }])
  })

  it('[P7][G28] says so where this origin knows of nothing that could have been missed', () => {
    const { openTab, ok } = setUp()
    const [one, two] = [openTab(), openTab()]
    one.subscribe('last')
    one.subscribe('now')
    two.subscribe('last')
    ok('7')
    const [early, late] = [openTab(), openTab()]
    early.subscribe('last')
    one.read()
    late.subscribe('last')
    const cursor = at('7')
    expect([one, two, early, late].flatMap(({ told }) => told)).toEqual([
      { kind: 'position', subscriptions: [1], cursor, isFirst: true },
      { kind: 'position', subscriptions: [2], cursor },
      { kind: 'position', subscriptions: [1], cursor, isFirst: true },
      { kind: 'position', subscriptions: [1], cursor, isFirst: true },
      { kind: 'position', subscriptions: [1], cursor },
    ])
  })

  it('begins before the first event by the empty id, whatever the server calls that', () => {
    const { openTab, channels, events, framesOf } = setUp()
    const first = openTab()
    first.subscribe({ after: { id: '' as never } })
    expect(framesOf('subscribe')).toEqual([{ channel: NEWS, cursor: { id: '' } }])
    channels.answered({ channel: NEWS, state: 'replay', ...at('0'), head: '2' as never })
    events(1, 3)
    const late = openTab()
    late.subscribe({ after: at('') })
    for (const tab of [first, late]) {
      tab.read()
      expect(tab.gaps()).toEqual([])
      expect(tab.ids()).toEqual(['1', '2', '3'])
    }
  })

  it('serves a late tab from the ring, from where it asks', () => {
    const { openTab, ok, events } = setUp()
    const first = openTab()
    first.subscribe()
    ok('0')
    events(1, 5)
    first.read()
    const late = openTab()
    late.subscribe({ after: at('2') })
    late.subscribe('now')
    late.read()
    expect(late.ids()).toEqual(['3', '4', '5'])
  })

  it('[P6] tells a late tab of a gap when the ring does not reach back', () => {
    const { openTab, ok, events } = setUp()
    openTab().subscribe()
    ok('100')
    events(101, 102)
    const late = openTab()
    late.subscribe({ after: at('50') })
    late.read()
    expect(late.gaps()).toEqual(['trimmed'])
    events(103, 103)
    late.read()
    expect(late.ids()).toEqual(['103'])
  })

  it('[F14] serves a late tab that stands before the first event in the ring', () => {
    const { openTab, ok, events } = setUp()
    const steady = openTab()
    steady.subscribe()
    ok('0')
    events(1, 3)
    const late = openTab()
    late.subscribe({ after: at('0') })
    late.read()
    expect(late.gaps()).toEqual([])
    expect(late.ids()).toEqual(numbers(1, 3))
    events(4, 1_200)
    steady.read()
    const tail = late.told.length
    const later = openTab()
    const kept = steady.ids().at(-513)
    later.subscribe({ after: at(String(kept)) })
    later.read()
    expect(tail).toBeGreaterThan(0)
    expect(later.gaps()).toEqual([])
  })

  it('[F39] tells a late tab of another epoch of a gap, though the id is known here', () => {
    const { openTab, ok, events } = setUp()
    openTab().subscribe()
    ok('0')
    events(1, 7)
    for (const id of ['7', '5']) {
      const late = openTab()
      late.subscribe({ after: at(id, 'e0') })
      late.read()
      expect(late.gaps()).toEqual(['epoch'])
      expect(late.ids()).toEqual([])
    }
  })

  it('does not take the answer to one tab for the answer to a later one', () => {
    const { openTab, ok } = setUp()
    const present = openTab()
    present.subscribe('now')
    const late = openTab()
    late.subscribe({ after: at('3') })
    ok('7')
    expect(present.told).toMatchObject([{ kind: 'position', cursor: at('7') }])
    expect(late.gaps()).toEqual(['trimmed'])
  })

  it('[P14] names no more channels in a hello than the server grants', () => {
    const { openTab, channels, framesOf, sent } = setUp()
    channels.welcomed(2)
    const tab = openTab()
    for (const channel of ['a', 'b', 'c']) tab.subscribe('now', channel)
    sent.length = 0
    expect(channels.hello().channels).toEqual([{ channel: 'a' }, { channel: 'b' }])
    channels.welcomed(2)
    expect(framesOf('subscribe')).toEqual([{ channel: 'c' }])
  })

  it('keeps a replay from whoever asked for now', () => {
    const { openTab, channels, events } = setUp({ cursors: new Map([[NEWS, at('3')]]) })
    const catchingUp = openTab()
    catchingUp.subscribe('last')
    const present = openTab()
    present.subscribe('now')
    channels.answered({ channel: NEWS, state: 'replay', ...at('3'), head: '5' as never })
    events(4, 6)
    for (const tab of [catchingUp, present]) tab.read()
    expect(catchingUp.ids()).toEqual(['4', '5', '6'])
    expect(present.ids()).toEqual(['6'])
  })

  it('drops the channel a grace period after the last subscriber left', async () => {
    const { openTab, channels, clock, framesOf, ok } = setUp()
    const subscriber = openTab().subscribe()
    ok('0')
    channels.unsubscribe(subscriber)
    await clock.advance(4_999)
    expect(framesOf('unsubscribe')).toEqual([])
    const again = openTab().subscribe()
    await clock.advance(10_000)
    expect(framesOf('unsubscribe')).toEqual([])
    channels.unsubscribe(again)
    await clock.advance(5_000)
    expect(framesOf('unsubscribe')).toEqual([{ channel: NEWS }])
  })

  it('asks after the welcome for what was subscribed to after the hello', () => {
    const { openTab, channels, framesOf, setOnline } = setUp()
    setOnline(false)
    openTab().subscribe('now', 'early')
    expect(channels.hello().channels).toEqual([{ channel: 'early' }])
    openTab().subscribe('now', 'late')
    setOnline(true)
    channels.welcomed(10)
    expect(framesOf('subscribe')).toEqual([{ channel: 'late' }])
  })

  it('passes a denial on to everybody, also to whoever comes later', () => {
    const { openTab, channels } = setUp()
    const tab = openTab()
    tab.subscribe()
    channels.answered({ channel: NEWS, state: 'denied', why: 'not yours' })
    const late = openTab()
    late.subscribe()
    for (const { told } of [tab, late]) {
      expect(told).toMatchObject([
        { kind: 'denied', subscriptions: [1], error: { code: 'denied' } },
      ])
    }
  })

  it('[P6][F38] keeps a channel open until the server has answered: whoever comes next is not given that answer', async () => {
    const { openTab, channels, ok, clock, framesOf } = setUp()
    channels.unsubscribe(openTab().subscribe({ after: at('3') }))
    await clock.advance(6_000)
    expect(framesOf('unsubscribe')).toEqual([])
    const late = openTab()
    late.subscribe({ after: at('3') })
    ok('3')
    expect(late.told).toEqual([{ kind: 'position', subscriptions: [1], cursor: at('3') }])
    expect(framesOf('subscribe')).toHaveLength(1)
  })

  it('drops a channel that the server has answered too late, and one that it cannot answer any more', async () => {
    const { openTab, channels, ok, clock, framesOf, setOnline } = setUp()
    const names = ['answered', 'lost']
    for (const name of names) channels.unsubscribe(openTab().subscribe('now', name))
    await clock.advance(6_000)
    ok('0', 'answered')
    await clock.advance(5_000)
    expect(framesOf('unsubscribe')).toEqual([{ channel: 'answered' }])
    setOnline(false)
    await clock.advance(5_000)
    expect(channels.hello().channels).toEqual([])
  })
})

describe('continuity', () => {
  it('[P6][F36] resumes by the last event, after any kind of close', () => {
    const { openTab, channels, ok, events, setOnline } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 3)
    setOnline(false)
    expect(channels.hello().channels).toEqual([{ channel: NEWS, cursor: at('3') }])
    setOnline(true)
    channels.answered({ channel: NEWS, state: 'replay', ...at('3'), head: '6' as never })
    events(4, 6)
    events(7, 7)
    tab.read()
    expect(tab.ids()).toEqual(numbers(1, 7))
  })

  it('[P6][F46] does not take a batch that does not follow, and asks again', () => {
    const { openTab, ok, events, framesOf } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 3)
    events(5, 6)
    events(2, 3)
    tab.read()
    expect(tab.ids()).toEqual(['1', '2', '3'])
    expect(framesOf('subscribe').at(-1)).toEqual({ channel: NEWS, cursor: at('3') })
    ok('3')
    events(4, 6)
    tab.read()
    expect(tab.ids()).toEqual(numbers(1, 6))
  })

  it('[F46] hangs up on a server whose events never follow', () => {
    const { openTab, ok, events, violations } = setUp()
    openTab().subscribe()
    for (let i = 0; i < 3; i++) {
      ok('0')
      events(5, 6)
    }
    expect(violations).toHaveLength(1)
  })

  it('[F39] takes a position of another epoch for a gap, not for a resume', () => {
    const { openTab, channels, ok, events, setOnline } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 3)
    tab.read()
    setOnline(false)
    channels.hello()
    setOnline(true)
    channels.answered({ channel: NEWS, state: 'ok', ...at('3', 'e2') })
    expect(tab.gaps()).toEqual(['epoch'])
    channels.received({ channel: NEWS, epoch: 'e2', after: '3', events: [['4', '4']] } as never)
    tab.read()
    expect(tab.ids()).toEqual(['1', '2', '3', '4'])
  })

  it("[F38] does not take an older question's gap for the present answer", () => {
    const { openTab, channels, ok, events } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 3)
    events(9, 9)
    channels.gapped({ channel: NEWS, reason: 'slow', ...at('20') })
    ok('3')
    events(4, 5)
    tab.read()
    expect(tab.gaps()).toEqual([])
    expect(tab.ids()).toEqual(numbers(1, 5))
  })

  it('[P13] takes nothing more of a channel that was denied in the middle', () => {
    const { openTab, channels, ok, events } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    channels.answered({ channel: NEWS, state: 'denied' })
    events(1, 3)
    tab.read()
    expect(tab.ids()).toEqual([])
  })

  it('[F46] lets a payload that contains the separator spoil no other', () => {
    const { openTab, channels, ok } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    const payloads = ['"a"', `1${SEPARATOR}2`, '"c"']
    const events = payloads.map((payload, i) => [String(i + 1), payload])
    channels.received({ channel: NEWS, epoch: 'e1', after: '0', events } as never)
    tab.read()
    expect(tab.payloads()).toEqual(['"a"', '', '"c"'])
  })

  it('[P6] tells of a gap and goes on from where the server is', () => {
    const { openTab, channels, ok, events } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    channels.gapped({ channel: NEWS, reason: 'slow', ...at('90') })
    events(91, 92)
    tab.read()
    expect(tab.gaps()).toEqual(['slow'])
    expect(tab.ids()).toEqual(['91', '92'])
  })

  it('[P14][G24][G84] keeps for a slow tab so many events and characters, and no more', () => {
    const behindBy = (count: number, payload = '1') => {
      const { openTab, ok, channels } = setUp()
      const tab = openTab()
      tab.subscribe()
      ok('0')
      for (let first = 1; first <= count; first += 4_096) {
        const events = numbers(first, Math.min(count, first + 4_095)).map((id) => [id, payload])
        const after = String(first - 1)
        channels.received({ channel: NEWS, epoch: 'e1', after, events } as never)
      }
      tab.read()
      return tab.gaps()
    }
    expect(behindBy(32_768)).toEqual([])
    expect(behindBy(32_769)).toEqual(['slow'])
    const mebi = 'x'.repeat(1024 * 1024)
    expect(behindBy(16, mebi)).toEqual([])
    expect(behindBy(17, mebi)).toEqual(['slow'])
  })

  it('[P14][G84] keeps at least 512 events for whoever comes late, and not all', () => {
    const { openTab, channels, ok, events } = setUp()
    const steady = openTab()
    steady.subscribe()
    ok('0')
    for (let n = 1; n <= 5_000; n++) {
      events(n, n)
      steady.read()
      if (n < 2_000 || n % 97) continue
      const late = openTab()
      const subscriber = late.subscribe({ after: at(String(n - 512)) })
      late.read()
      channels.unsubscribe(subscriber)
      expect([late.gaps(), late.ids()]).toEqual([[], numbers(n - 511, n)])
    }
    const tooLate = openTab()
    tooLate.subscribe({ after: at('3900') })
    tooLate.read()
    expect(tooLate.gaps()).toEqual(['trimmed'])
  })

  it('[F18] gives a tab that fell out of the ring a gap, and nobody else', () => {
    const { openTab, ok, events } = setUp()
    const slow = openTab()
    const quick = openTab()
    slow.subscribe()
    quick.subscribe()
    ok('0')
    const total = RING_EVENTS + 1_000
    for (let i = 0; i < total; i += 100) {
      events(i + 1, i + 100)
      quick.read()
    }
    slow.read()
    expect(slow.gaps()).toEqual(['slow'])
    expect(quick.gaps()).toEqual([])
    expect(quick.ids()).toHaveLength(Math.ceil(total / 100) * 100)
  })
})

describe('any history of events, cuts, late tabs and slow tabs', () => {
  it('[P6][F38] shows each subscriber its range once and in order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constantFrom('cut', 'resume', 'join', 'repeat', 'skip', 'grace') }),
      fc.record({ do: fc.constant('read' as const), tab: fc.nat(5) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const world = setUp()
        const tabs = [world.openTab()]
        tabs[0]?.subscribe()
        world.ok('0')
        let head = 0
        let told = 0
        let isUp = true
        /** A server that answers every question from the position in it. */
        const answerAll = (): void => {
          for (const [type, body] of world.sent.splice(0)) {
            if (type !== 'subscribe') continue
            const id = Number((body as { cursor?: Cursor }).cursor?.id ?? head)
            resumeFrom(id)
          }
        }
        const resumeFrom = (id: number): void => {
          const answer = { channel: NEWS, ...at(String(id)) }
          if (id === head) world.channels.answered({ ...answer, state: 'ok' })
          else {
            world.channels.answered({ ...answer, state: 'replay', head: String(head) as never })
            world.events(id + 1, head)
          }
          told = head
        }
        for (const one of steps) {
          if (one.do === 'publish') {
            const before = head
            head += 'count' in one ? one.count : 1
            if (isUp) {
              world.events(before + 1, head)
              told = head
            }
          } else if (one.do === 'cut' && isUp) {
            isUp = false
            world.setOnline(false)
          } else if (one.do === 'resume' && !isUp) {
            isUp = true
            world.setOnline(true)
            for (const { cursor } of world.channels.hello().channels)
              resumeFrom(Number(cursor?.id ?? head))
            world.channels.welcomed(10)
          } else if (one.do === 'join') {
            const tab = world.openTab()
            tab.subscribe()
            tabs.push(tab)
          } else if (one.do === 'repeat' && isUp && told > 0) world.events(told, told)
          else if (one.do === 'skip' && isUp) world.events(told + 5, told + 6)
          else if (one.do === 'read') tabs['tab' in one ? one.tab % tabs.length : 0]?.read()
          if (isUp) answerAll()
          await settled()
        }
        if (!isUp) {
          world.setOnline(true)
          for (const { cursor } of world.channels.hello().channels)
            resumeFrom(Number(cursor?.id ?? head))
        }
        for (const tab of tabs) tab.read()
        for (const tab of tabs) {
          const ids = tab.ids().map(Number)
          expect(tab.gaps()).toEqual([])
          expect(ids).toEqual(ids.length ? numbers(head - ids.length + 1, head).map(Number) : [])
          expect(tab.payloads()).toEqual(ids.map((id) => `"${id}"`))
        }
        expect(tabs[0]?.ids()).toHaveLength(head)
      }),
      { numRuns: 300 },
    )
  })
})
