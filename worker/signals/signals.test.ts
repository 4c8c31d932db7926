import { describe, expect, it } from 'vitest'
import type { News } from '../../protocol/port.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { createSignals } from './signals.js'

function setUp() {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const held: string[] = []
  const world = { isOnline: true, isOffered: true }
  const signals = createSignals({
    clock,
    isOffered: () => world.isOffered,
    self: () => 'me',
    holdChannel(channel) {
      held.push(channel)
      return () => held.splice(held.indexOf(channel), 1)
    },
    transmit: (frames) => {
      if (world.isOnline) sent.push(...frames)
    },
  })
  let tabs = 0
  function openTab() {
    const heard: News[] = []
    const tab = { id: `t${++tabs}`, push: (news: News) => void heard.push(news) }
    return {
      tab,
      heard: () => heard.map((news) => (news.kind === 'signal' ? news.payload : news.kind)),
      members: () => heard.map((news) => (news.kind === 'signal' ? news.member : undefined)),
      listen: (channel = 'board') => signals.listen(channel, tab),
      say: (payload: string, channel = 'board') => signals.say(channel, payload, tab),
    }
  }
  return { clock, sent, held, world, signals, openTab }
}

describe('a signal', () => {
  it('goes to the server and to the other tabs that listen, not to its own', () => {
    const { openTab, sent } = setUp()
    const [own, other, deaf, elsewhere] = [openTab(), openTab(), openTab(), openTab()]
    own.listen()
    other.listen()
    elsewhere.listen('other')
    own.say('1')
    expect(sent).toEqual([['signal', { channel: 'board', payload: '1' }]])
    expect([own, other, deaf, elsewhere].map((tab) => tab.heard())).toEqual([[], ['1'], [], []])
    expect(other.members()).toEqual(['me'])
  })

  it('of somebody else goes to all who listen, with the name that the server gives', () => {
    const { openTab, signals } = setUp()
    const [one, two] = [openTab(), openTab()]
    one.listen()
    two.listen()
    signals.heard({ channel: 'board', member: 'm2', payload: '7' })
    signals.heard({ channel: 'nobody', payload: '8' })
    expect(one.heard()).toEqual(['7'])
    expect(two.members()).toEqual(['m2'])
  })

  it('[P14][G56] goes at most twenty times a second, and the newest wins', async () => {
    const { openTab, clock, sent } = setUp()
    const [own, other] = [openTab(), openTab()]
    other.listen()
    for (let i = 0; i < 200; i++) {
      own.say(String(i))
      own.say('elsewhere', `channel ${i % 2}`)
      await clock.advance(5)
    }
    await clock.advance(100)
    const payloads = sent.flatMap(([type, body]) =>
      type === 'signal' && body.channel === 'board' ? [body.payload] : [],
    )
    expect(payloads).toHaveLength(21)
    expect(payloads.at(-1)).toBe('199')
    expect(other.heard()).toEqual(payloads)
    expect(clock.pending).toBe(0)
  })

  it('of one tab does not displace that of another for a third', () => {
    const { openTab, sent } = setUp()
    const [one, two, third] = [openTab(), openTab(), openTab()]
    third.listen()
    one.say('1')
    two.say('2')
    expect(third.heard()).toEqual(['1', '2'])
    expect(sent).toHaveLength(1)
  })

  it('[G56] is dropped while offline, and heard by the other tabs all the same', async () => {
    const { openTab, clock, sent, world } = setUp()
    const [own, other] = [openTab(), openTab()]
    other.listen()
    world.isOnline = false
    own.say('1')
    await clock.advance(1_000)
    world.isOnline = true
    await clock.advance(1_000)
    expect(sent).toEqual([])
    expect(other.heard()).toEqual(['1'])
    world.isOffered = false
    own.say('2')
    expect(sent).toEqual([])
  })

  it('[P14] that is too long goes nowhere', () => {
    const { openTab, sent } = setUp()
    const [own, other] = [openTab(), openTab()]
    other.listen()
    own.say('x'.repeat(4_097))
    expect([sent, other.heard()]).toEqual([[], []])
  })
})

it('a channel is held open as long as somebody listens', () => {
  const { openTab, held, signals } = setUp()
  const tab = openTab()
  const end = tab.listen()
  tab.listen()
  expect(held).toEqual(['board'])
  end()
  end()
  expect(held).toEqual([])
  signals.heard({ channel: 'board', payload: '1' })
  expect(tab.heard()).toEqual([])
})
