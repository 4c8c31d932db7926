import { describe, expect, it } from 'vitest'
import type { News, PortMember } from '../../protocol/port.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { createPresence } from './presence.js'

function setUp() {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const world = { isOnline: true, isOffered: true, self: 'me' as string | undefined }
  const presence = createPresence({
    clock,
    isOnline: () => world.isOnline,
    isOffered: () => world.isOffered,
    self: () => world.self,
    transmit: (frames) => {
      if (world.isOnline) sent.push(...frames)
    },
  })
  function openTab() {
    const told: Extract<News, { kind: 'presence' }>[] = []
    const tab = { push: (news: News) => void told.push(news as (typeof told)[0]) }
    let members = new Map<string, PortMember>()
    return {
      told,
      wish: (watch: boolean, state?: string, channel = 'board') =>
        presence.wish(channel, tab, { watch, ...(state !== undefined && { state }) }),
      leave: () => presence.wish('board', tab, undefined),
      /** As a page would count. */
      members() {
        members = new Map()
        for (const news of told) {
          if (news.whole) members.clear()
          for (const one of news.members) members.set(one.member, one)
          for (const member of news.left) members.delete(member)
        }
        return [...members.values()].map((one) => `${one.member}=${one.state}`).sort()
      },
    }
  }
  const tell = (whole: boolean, members: Record<string, string>, left: string[] = []): void =>
    presence.told({
      channel: 'board',
      whole,
      members: Object.entries(members).map(([member, state]) => ({ member, state })),
      left,
    })
  /** What the server has been told, in order. */
  const said = (): unknown[] => sent.map(([, body]) => body)
  return { clock, sent, said, world, presence, openTab, tell }
}

const board = (more: object) => ({ channel: 'board', ...more })

describe('what a browser wants of presence', () => {
  it('is what any of its tabs watches, and the state that was set last', async () => {
    const { openTab, clock, said } = setUp()
    const [one, two] = [openTab(), openTab()]
    one.wish(false, '1')
    await clock.advance(100)
    two.wish(true, '2')
    await clock.advance(100)
    one.wish(true, '1')
    await clock.advance(100)
    one.wish(true, '3')
    await clock.advance(100)
    expect(said()).toEqual([
      board({ watch: false, state: '1' }),
      board({ watch: true, state: '2' }),
      board({ watch: true, state: '3' }),
    ])
  })

  it('is that of the tabs that still live', async () => {
    const { openTab, clock, said } = setUp()
    const [one, two] = [openTab(), openTab()]
    one.wish(true, '1')
    two.wish(false, '2')
    await clock.advance(100)
    two.leave()
    await clock.advance(100)
    one.leave()
    await clock.advance(100)
    expect(said()).toEqual([
      board({ watch: true, state: '1' }),
      board({ watch: true, state: '2' }),
      board({ watch: true, state: '1' }),
      board({ watch: false }),
    ])
  })

  it('[P14] is said at most twenty times a second, and not again if it is as it was', async () => {
    const { openTab, clock, said } = setUp()
    const tab = openTab()
    for (let i = 0; i < 100; i++) {
      tab.wish(false, String(i))
      await clock.advance(10)
    }
    await clock.advance(100)
    expect(said()).toHaveLength(21)
    expect(said().at(-1)).toEqual(board({ watch: false, state: '99' }))
    tab.wish(false, '99')
    await clock.advance(100)
    expect(said()).toHaveLength(21)
    expect(clock.pending).toBe(0)
  })

  it('is said with every hello, and after the welcome only what has changed since', async () => {
    const { openTab, clock, said, world, presence } = setUp()
    const [one, two] = [openTab(), openTab()]
    world.isOnline = false
    one.wish(true, '1')
    two.wish(true, 'x', 'other')
    await clock.advance(100)
    expect(presence.hello()).toEqual({
      presence: [board({ watch: true, state: '1' }), { channel: 'other', watch: true, state: 'x' }],
    })
    one.wish(true, '2')
    await clock.advance(100)
    world.isOnline = true
    presence.welcomed()
    expect(said()).toEqual([board({ watch: true, state: '2' })])
    one.leave()
    await clock.advance(100)
    expect(presence.hello()).toEqual({ presence: [{ channel: 'other', watch: true, state: 'x' }] })
  })

  it('[P14] fits into a hello, and what does not follows the welcome', () => {
    const { openTab, sent, world, presence } = setUp()
    world.isOnline = false
    const tab = openTab()
    for (let i = 0; i < 1_200; i++) tab.wish(false, 'x'.repeat(500), `c${i}`)
    const named = presence.hello().presence?.length ?? 0
    expect(named).toBeGreaterThan(50)
    expect(JSON.stringify(presence.hello()).length).toBeLessThan(100_000)
    world.isOnline = true
    presence.welcomed()
    expect(sent).toHaveLength(1_200 - named)
  })

  it('is not said to a server that does not know presence', async () => {
    const { openTab, clock, sent, world, tell } = setUp()
    const tab = openTab()
    world.isOffered = false
    tab.wish(true, '1')
    await clock.advance(100)
    expect(sent).toEqual([])
    tell(true, { m1: 'a' })
    expect(tab.members()).toEqual(['m1=a'])
  })
})

describe('who is there', () => {
  it('is told to those who watch, with which of them is this browser', () => {
    const { openTab, tell } = setUp()
    const [watching, other] = [openTab(), openTab()]
    watching.wish(true, '1')
    other.wish(false, '2')
    tell(true, { me: '1', m1: 'a' })
    tell(false, { m2: 'b', m1: 'aa' }, [])
    tell(false, {}, ['m2', 'nobody'])
    expect(watching.members()).toEqual(['m1=aa', 'me=1'])
    expect(watching.told[0]?.members.map(({ isSelf }) => isSelf)).toEqual([true, false])
    expect(other.told).toEqual([])
  })

  it('is told to whoever begins to watch later, from what is known', () => {
    const { openTab, tell } = setUp()
    const [one, two] = [openTab(), openTab()]
    one.wish(true)
    two.wish(true)
    expect(two.told).toEqual([])
    tell(true, { m1: 'a' })
    const late = openTab()
    late.wish(true)
    late.wish(true, 'x')
    expect(late.told).toHaveLength(1)
    expect(late.members()).toEqual(['m1=a'])
  })

  it('is still shown while offline, and anew after the next welcome, without ghosts', () => {
    const { openTab, world, presence, tell } = setUp()
    const tab = openTab()
    tab.wish(true)
    tell(true, { m1: 'a', m2: 'b' })
    world.isOnline = false
    presence.hello()
    expect(tab.members()).toEqual(['m1=a', 'm2=b'])
    world.isOnline = true
    world.self = 'me2'
    presence.welcomed()
    expect(tab.members()).toEqual(['m1=a', 'm2=b'])
    tell(false, { m2: 'b' })
    expect(tab.members()).toEqual(['m2=b'])
    expect(tab.told.at(-1)?.whole).toBe(true)
    tell(false, { me2: 'c' })
    expect(tab.members()).toEqual(['m2=b', 'me2=c'])
    expect(tab.told.at(-1)?.members[0]?.isSelf).toBe(true)
  })

  it('is nobody when the next server cannot tell', () => {
    const { openTab, world, presence, tell } = setUp()
    const tab = openTab()
    tab.wish(true)
    tell(true, { m1: 'a' })
    presence.hello()
    world.isOffered = false
    presence.welcomed()
    expect(tab.members()).toEqual([])
  })

  it('is forgotten when nobody watches any more', async () => {
    const { openTab, tell, clock } = setUp()
    const tab = openTab()
    tab.wish(true)
    tell(true, { m1: 'a' })
    tab.wish(false, 'x')
    await clock.advance(100)
    tell(false, { m2: 'b' })
    tab.wish(true, 'x')
    expect(tab.told).toHaveLength(1)
  })

  it('[P12] is still known where one tab begins to watch just as the last has left', async () => {
    const { openTab, tell, clock, said } = setUp()
    const [leaving, coming] = [openTab(), openTab()]
    leaving.wish(true)
    tell(true, { m1: 'a' })
    leaving.leave()
    tell(false, { m2: 'b' })
    coming.wish(true)
    await clock.advance(100)
    // The server has not heard of it, so it tells nothing anew.
    expect(said()).toEqual([board({ watch: true })])
    tell(false, { m3: 'c' })
    expect(coming.members()).toEqual(['m1=a', 'm2=b', 'm3=c'])
  })
})
