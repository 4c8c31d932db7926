import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../protocol/ids.js'
import type { News } from '../../protocol/port.js'
import type { GapReason } from '../../protocol/wire/frames-down.js'
import { at, createChannelsWorld, NEWS, numbers } from '../../testing/channels-world.js'
import { createLogServer, type LogServer } from '../../testing/log-server.js'
import { createLogWorld, openLogWorld } from '../../testing/log-world.js'
import { RING_EVENTS } from './ring.js'

describe('a subscriber from outside the ring', () => {
  it('[P6][G24] is brought on by pages, and then goes on with everybody', () => {
    const { openTab, server, steady, calm } = openLogWorld(23)
    const late = openTab()
    late.subscribe({ after: at('2') })
    expect(late.told).toEqual([{ kind: 'position', subscriptions: [1], cursor: at('2') }])
    calm(late)
    server.publish(2)
    calm(late, steady)
    expect(late.gaps()).toEqual([])
    expect(late.ids()).toEqual(numbers(3, 25))
    expect(late.payloads()).toEqual(numbers(3, 25).map((id) => `"${id}"`))
    expect(steady.ids()).toEqual(['24', '25'])
  })

  it('[F38] goes on in the ring where its page ends, also if the ring is not there yet', () => {
    const { openTab, server, steady } = openLogWorld(4)
    server.publish(3)
    server.pump(2)
    const late = openTab()
    late.subscribe({ after: at('2') })
    server.look()
    // The page says 3 to 7, the ring has 5 and 6.
    server.deliver()
    server.publish(1)
    server.pump(9)
    for (const tab of [late, steady]) tab.read()
    expect(late.ids()).toEqual(numbers(3, 8))
    expect(steady.ids()).toEqual(numbers(5, 8))
  })

  it('[F38] that is ahead of the ring waits until the ring comes by', () => {
    const { openTab, server, calm } = openLogWorld(4)
    server.publish(8)
    const ahead = openTab()
    ahead.subscribe({ after: at('9') })
    server.look()
    server.deliver()
    ahead.read()
    expect(ahead.ids()).toEqual(['10', '11', '12'])
    server.publish(1)
    calm(ahead)
    expect(ahead.ids()).toEqual(numbers(10, 13))
    expect(ahead.gaps()).toEqual([])
  })

  it('[P14] asks for the next page when its tab has the last, and holds nothing back meanwhile', async () => {
    const { openTab, server, steady, sent, calm, disk, clock } = openLogWorld(40)
    const slow = openTab()
    slow.subscribe({ after: at('0') })
    server.look()
    server.deliver()
    expect(sent).toEqual([])
    server.publish(2_000)
    calm(steady)
    await clock.advance(200)
    expect(steady.ids()).toEqual(numbers(41, 2_040))
    expect(disk.get(NEWS)).toEqual(at('2040'))
    expect(server.pages).toBe(1)
    calm(slow)
    await clock.advance(200)
    expect(slow.ids()).toEqual(numbers(1, 2_040))
    expect(disk.get(NEWS)).toEqual(at('2040'))
  })

  it('[P7] does not move the cursor on disk, nor occupy credit', async () => {
    const { openTab, server, calm, disk, clock, framesOf, steady } = openLogWorld(30)
    steady.read()
    await clock.advance(200)
    const late = openTab()
    late.subscribe({ after: at('0') })
    server.look()
    server.deliver()
    late.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('30'))
    calm(late)
    await clock.advance(200)
    expect(late.ids()).toEqual(numbers(1, 30))
    expect(disk.get(NEWS)).toEqual(at('30'))
    expect(framesOf('credit')).toEqual([])
  })

  it('[P7] is what the disk goes by when it is back in the ring, and nobody else reads', async () => {
    const { openTab, channels, server, calm, disk, clock, steady } = openLogWorld(0)
    const first = steady.subscribe()
    steady.read()
    server.publish(30)
    server.pump(30)
    first.channel.giveUp()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('0'))
    calm(steady)
    await clock.advance(200)
    expect(steady.gaps()).toEqual([])
    expect(disk.get(NEWS)).toEqual(at('30'))
    // Unless it goes before it has handled the last page.
    const leaving = openTab()
    server.publish(30)
    server.pump(30)
    first.channel.giveUp()
    const subscriber = leaving.subscribe({ after: at('55') })
    server.look()
    server.deliver()
    channels.unsubscribe(subscriber)
    leaving.read()
    await clock.advance(200)
    expect(disk.get(NEWS)).toEqual(at('30'))
  })

  it('begins before the first event, whatever the server calls that', () => {
    const { openTab, channels, framesOf, events, server, steady } = openLogWorld(0)
    const page = { state: 'events', epoch: 'e1', after: '0', more: false }
    const late = openTab()
    late.subscribe({ after: at('') })
    expect(framesOf('fetch')).toMatchObject([{ cursor: { id: '' } }])
    channels.paged({ ...page, id: 1, events: [] } as never)
    server.publish(700)
    for (let i = 0; i < 7; i++) events(i * 100 + 1, (i + 1) * 100)
    for (const tab of [late, steady]) tab.read()
    expect(late.ids()).toEqual(numbers(1, 700))
    events(701, 1_200)
    steady.read()
    const later = openTab()
    later.subscribe({ after: { id: '' as never } })
    channels.paged({ ...page, id: 2, events: [['1', '1']], more: true } as never)
    later.read()
    expect(later.gaps()).toEqual([])
    expect(later.ids()).toEqual(['1'])
  })

  it('[P6] joins a channel that has never spoken, from before its first event', () => {
    for (const early of [0, 3]) {
      const { openTab, server, calm, steady } = openLogWorld(0)
      const late = openTab()
      late.subscribe({ after: at('') })
      server.look()
      // Between the page that was read and its arrival.
      server.publish(early)
      server.pump(9)
      server.deliver()
      server.publish(2)
      calm(late, steady)
      expect(late.ids()).toEqual(numbers(1, early + 2))
      expect(late.gaps()).toEqual([])
    }
  })

  it('[P6] goes on where it stood when the line is cut in the middle', () => {
    const { openTab, server, calm, sent } = openLogWorld(20)
    const late = openTab()
    late.subscribe({ after: at('0') })
    server.look()
    server.deliver()
    late.read()
    expect(sent).toMatchObject([['fetch', { cursor: { id: '5' } }]])
    server.look()
    server.cut()
    late.read()
    server.publish(3)
    server.resume()
    calm(late)
    expect(late.ids()).toEqual(numbers(1, 23))
    expect(late.gaps()).toEqual([])
  })

  it('[F39] is told of a gap when the history becomes another one', () => {
    const { openTab, server, calm } = openLogWorld(20)
    const late = openTab()
    late.subscribe({ after: at('0') })
    server.look()
    server.rollBack(5)
    // Read before, sent after: of a history that is no more.
    calm(late)
    expect(late.gaps()).toEqual(['epoch'])
    expect(late.ids()).toEqual([])
    server.publish(2)
    calm(late)
    expect(late.ids()).toEqual(['16', '17'])
  })

  it('[G24] is told what the server says: a gap, and nobody else is', () => {
    const { openTab, server, steady, calm } = openLogWorld(20)
    server.trim(10)
    const late = openTab()
    late.subscribe({ after: at('3') })
    const ahead = openTab()
    ahead.subscribe({ after: at('99') })
    calm(late, ahead)
    server.publish(1)
    calm(late, ahead, steady)
    expect([late.gaps(), ahead.gaps(), steady.gaps()]).toEqual([['trimmed'], ['ahead'], []])
    expect([late.ids(), ahead.ids(), steady.ids()]).toEqual([['21'], ['21'], ['21']])
  })

  it('is told what the server says: no', () => {
    const { openTab, channels, server, calm } = openLogWorld(20)
    const late = openTab()
    late.subscribe({ after: at('3') })
    channels.paged({ id: 1, state: 'denied', why: 'history is not yours' })
    expect(late.told.at(-1)).toMatchObject({ kind: 'denied', error: { code: 'denied' } })
    server.publish(1)
    calm(late)
    expect(late.ids()).toEqual([])
    // After the next welcome it may be.
    server.cut()
    server.resume()
    calm(late)
    expect(late.ids()).toEqual(numbers(4, 21))
  })

  it('[G24] gets a gap from a server that has no pages any more', () => {
    let hasPages = true
    const world = createChannelsWorld({ hasPages: () => hasPages })
    const server = createLogServer(world, 20)
    world.openTab().subscribe()
    server.look()
    const late = world.openTab()
    late.subscribe({ after: at('3') })
    server.cut()
    hasPages = false
    server.resume()
    expect(late.gaps()).toEqual(['trimmed'])
  })

  it('[P6] is not told of the gap of another: each is asked for from where it stands', () => {
    const { openTab, server, calm } = createLogWorld(50)
    server.trim(20)
    const [ancient, recent] = [openTab(), openTab()]
    ancient.subscribe({ after: at('3') })
    recent.subscribe({ after: at('44') })
    calm(ancient, recent)
    expect(ancient.gaps()).toEqual(['trimmed'])
    expect(recent.gaps()).toEqual([])
    expect(recent.ids()).toEqual(numbers(45, 50))
  })

  it('[F18][G24] that was too slow for the ring comes back by pages, without a gap', () => {
    const { openTab, server, steady, calm } = openLogWorld(0)
    const frozen = openTab()
    frozen.subscribe()
    server.publish(3)
    calm(frozen, steady)
    server.publish(RING_EVENTS + 500)
    calm(steady)
    expect(server.pages).toBe(0)
    calm(frozen)
    expect(server.pages).toBeGreaterThan(0)
    expect(frozen.gaps()).toEqual([])
    expect(frozen.ids()).toEqual(numbers(1, RING_EVENTS + 503))
  })

  it('[F46] counts on nothing when the page does not follow', () => {
    const { openTab, channels } = openLogWorld(20)
    const [late, later] = [openTab(), openTab()]
    late.subscribe({ after: at('3') })
    later.subscribe({ after: at('4') })
    const page = { state: 'events', epoch: 'e1', after: '7', events: [['8', '8']], more: true }
    channels.paged({ ...page, id: 1 } as never)
    channels.paged({ ...page, id: 2, epoch: 'e2', after: '4' } as never)
    channels.paged({ ...page, id: 77 } as never)
    expect([late.gaps(), later.gaps()]).toEqual([['trimmed'], ['epoch']])
    expect(late.ids()).toEqual([])
  })
})

type Tab = ReturnType<ReturnType<typeof createChannelsWorld>['openTab']>

/** Reads what a subscriber was told as a page does: where it stands, and that nothing is between. */
function follow(
  told: readonly News[],
  id: number,
  isJust: (reason: GapReason, at: Cursor) => boolean,
) {
  let cursor: Cursor | undefined
  for (const news of told) {
    if (!('subscriptions' in news) || !news.subscriptions.includes(id)) continue
    if (news.kind === 'events') {
      for (const eventId of news.ids) {
        expect(cursor?.epoch).toBe(news.epoch)
        expect(Number(eventId)).toBe(Number(cursor?.id) + 1)
        cursor = { epoch: news.epoch, id: eventId }
      }
    } else if (news.kind === 'gap') {
      if (cursor) expect(isJust(news.reason, cursor)).toBe(true)
      cursor = news.cursor
    } else if (news.kind === 'position') {
      if (cursor) expect(news.cursor).toEqual(cursor)
      cursor = news.cursor
    }
  }
  return cursor
}

const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('join' as const), back: fc.integer({ min: -3, max: 40 }) }),
  fc.record({ do: fc.constantFrom('read', 'leave', 'now', 'last'), tab: fc.nat(5) }),
  fc.record({ do: fc.constantFrom('look', 'look', 'deliver', 'deliver', 'pump', 'cut', 'resume') }),
  fc.record({ do: fc.constantFrom('trim', 'rollBack', 'forget'), by: fc.nat(12) }),
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

async function play(steps: readonly Step[], isHarsh: boolean): Promise<LogServer> {
  const { openTab, server, steady, calm, channels, clock, disk } = openLogWorld(40)
  let recorded = 0
  const first = steady.subscribe()
  const members = [{ tab: steady as Tab, subscriber: first }]
  let isRolledBack = false
  /** Whatever a gap may be blamed on, once it has happened. */
  const isJust = (reason: GapReason, { id }: Cursor): boolean =>
    isHarsh && (isRolledBack || reason === 'ahead' || Number(id) < server.floor)
  const join = (from: Parameters<Tab['subscribe']>[0]): void => {
    const tab = openTab()
    members.push({ tab, subscriber: tab.subscribe(from) })
  }
  for (const one of steps) {
    const member = 'tab' in one ? members[one.tab % members.length] : undefined
    if (one.do === 'publish') server.publish('count' in one ? one.count : 1)
    else if (one.do === 'join') {
      const back = 'back' in one ? one.back : 0
      const id = String(Math.max(0, server.head - (isHarsh ? back : Math.abs(back))))
      join({ after: at(id, server.epoch) })
    } else if (one.do === 'now' || one.do === 'last') join(one.do)
    else if (one.do === 'read') member?.tab.read()
    else if (one.do === 'leave' && member && member.subscriber !== first) {
      members.splice(members.indexOf(member), 1)
      channels.unsubscribe(member.subscriber)
    } else if (one.do === 'look') server.look()
    else if (one.do === 'deliver') server.deliver()
    else if (one.do === 'pump') server.pump(4)
    else if (one.do === 'cut') server.cut()
    else if (one.do === 'resume') server.resume()
    else if (one.do === 'forget') first.channel.giveUp()
    else if (isHarsh && one.do === 'trim') server.trim(server.head - ('by' in one ? one.by : 0))
    else if (isHarsh && one.do === 'rollBack') {
      isRolledBack = true
      server.rollBack('by' in one ? one.by : 1)
    }
    await clock.advance(100)
    if (isHarsh) continue
    // [F21] What the disk knows is never taken back.
    const known = Number(disk.get(NEWS)?.id ?? 0)
    expect(known).toBeGreaterThanOrEqual(recorded)
    recorded = known
  }
  server.resume()
  calm(...members.map(({ tab }) => tab))
  // Whoever has caught up is heard from with what comes next.
  server.publish(2)
  calm(...members.map(({ tab }) => tab))
  for (const { tab, subscriber } of members) {
    const end = follow(tab.told, subscriber.id, isJust)
    expect(end).toEqual(at(String(server.head), server.epoch))
  }
  return server
}

describe('any history of events, joins from old positions, cuts and lost rings', () => {
  it('[P6][F14][F21][F38] shows each subscriber its range once, in order and without a gap', async () => {
    let pages = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        pages += (await play(steps, false)).pages
      }),
      { numRuns: 300 },
    )
    expect(pages).toBeGreaterThan(400)
  })

  it('[P6][F37][F39] that is trimmed or lost as well, shows it so or tells of a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await play(steps, true)
      }),
      { numRuns: 300 },
    )
  })
})
