import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../protocol/ids.js'
import { type From, type News, SEPARATOR } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { Change } from '../storage/store.js'
import { CREDIT, createChannels } from './channels.js'
import { RING_EVENTS } from './ring.js'
import type { Outlet, Subscriber } from './subscriber.js'

const at = (id: string, epoch = 'e1') => ({ epoch, id }) as Cursor
const NEWS = 'news'

function setUp({ cursors = new Map<string, Cursor>() } = {}) {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const disk = new Map(cursors)
  const violations: string[] = []
  let isOnline = true
  const channels = createChannels({
    clock,
    cursors,
    async write(changes: readonly Change[]) {
      for (const change of changes) {
        if (change.type === 'put-cursor') disk.set(change.channel, change.cursor)
      }
    },
    isOnline: () => isOnline,
    transmit: (frames) => {
      if (isOnline) sent.push(...frames)
    },
    onViolation: (why) => violations.push(why),
  })

  /** A tab that confirms when told to, and keeps a list of what it was told. */
  function openTab() {
    const told: News[] = []
    const marked = new Set<Subscriber>()
    const outlet: Outlet = {
      push: (news) => told.push(news),
      mark: (subscriber) => marked.add(subscriber),
    }
    let nextId = 1
    return {
      told,
      subscribe: (from: From = 'now', channel = NEWS) =>
        channels.subscribe({ id: nextId++, channel, from }, outlet),
      /** Takes and confirms everything there is for it. */
      read() {
        for (let more = true; more; ) {
          more = false
          for (const subscriber of [...marked]) {
            if (subscriber.place === null) continue
            const batch = subscriber.channel.cut(subscriber.place, [subscriber.id])
            if (batch.to === subscriber.place) {
              marked.delete(subscriber)
              continue
            }
            subscriber.place = batch.to
            told.push(batch.news)
            subscriber.channel.confirmed(batch)
            more = true
          }
        }
      },
      ids: () => told.flatMap((news) => (news.kind === 'events' ? news.ids : [])),
      payloads: () =>
        told.flatMap((news) => (news.kind === 'events' ? news.payloads.split(SEPARATOR) : [])),
      gaps: () => told.flatMap((news) => (news.kind === 'gap' ? [news.reason] : [])),
    }
  }

  return {
    clock,
    channels,
    sent,
    disk,
    violations,
    openTab,
    framesOf: (type: string) => sent.filter((frame) => frame[0] === type).map((frame) => frame[1]),
    ok: (id: string, channel = NEWS) => channels.answered({ channel, state: 'ok', ...at(id) }),
    /** Events of dense numbers, first to last. */
    events(first: number, last: number, channel = NEWS) {
      const events = Array.from({ length: last - first + 1 }, (_, i) => [
        String(first + i),
        `"${first + i}"`,
      ])
      channels.received({
        channel,
        epoch: 'e1',
        after: String(first - 1),
        events,
      } as DownBody<'events'>)
    },
    setOnline(value: boolean) {
      isOnline = value
      if (!value) channels.lost()
    },
  }
}

const numbers = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i))

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
    channels.welcomed()
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

describe('cursors and credit', () => {
  it('[F21] move on disk only when a tab has handled the event', async () => {
    const { openTab, ok, events, disk, clock } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 3)
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toBeUndefined()
    tab.read()
    await clock.advance(1_000)
    expect(disk.get(NEWS)).toEqual(at('3'))
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

  it('[P14] are all the credit there is: what no tab has handled is not replaced', async () => {
    const { openTab, ok, events, clock, framesOf, channels } = setUp()
    const tab = openTab()
    tab.subscribe()
    ok('0')
    events(1, 300)
    await clock.advance(1_000)
    expect(framesOf('credit')).toEqual([])
    expect(channels.hello().credit).toBe(CREDIT - 300)
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
            world.channels.welcomed()
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
