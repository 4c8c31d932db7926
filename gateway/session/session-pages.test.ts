import { describe, expect, test } from 'vitest'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Authorize } from '../operations/operations.js'
import { Refusal } from '../refusal.js'
import { settled } from '../virtual-environment.js'
import { at } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const fetch = (id: number, position: string, channel = 'board'): UpFrame => [
  'fetch',
  { id, channel, cursor: at(position, 'epoch') },
]

describe('a page', () => {
  test('[P6] [P14] is bounded, and says whether there is more now', async () => {
    const { enter, publish, switchboard } = await play({ limits: { pageEvents: 4 } })
    await publish('board', ...numbers(1, 10))
    const ann = await enter({ credit: 0 })
    await ann.say(fetch(1, ''), fetch(2, '4'), fetch(3, '8'), fetch(4, '10'))
    const pages = ann.socket.bodies('page')
    expect(pages.map((page) => page.state === 'events' && [page.after, page.more])).toEqual([
      ['', true],
      ['4', true],
      ['8', false],
      ['10', false],
    ])
    expect(pages.flatMap((page) => (page.state === 'events' ? page.events : []))).toEqual(
      numbers(1, 10).map((n) => [`${n}`, `${n}`]),
    )
    expect(switchboard.stats()).toMatchObject({ pages: 4, delivered: 10, subscribers: 0 })
  })

  test('[P14] is bounded in characters too, but for one long event', async () => {
    const { enter, publish } = await play({ limits: { pageChars: 100 } })
    await publish('board', 'x'.repeat(500), ...numbers(1, 40).map(() => 'y'.repeat(18)))
    const ann = await enter()
    await ann.say(fetch(1, ''), fetch(2, '1'))
    expect(
      ann.socket.bodies('page').map((page) => page.state === 'events' && page.events.length),
    ).toEqual([1, 5])
  })

  test('does not touch the subscription of the same channel, nor its credit', async () => {
    const { enter, publish } = await play()
    const ann = await enter({ channels: [{ channel: 'board' }], credit: 1 })
    await publish('board', 1, 2)
    await ann.say(fetch(1, '0'))
    expect(ann.heard('board')).toEqual(['1'])
    await ann.say(['credit', { events: 5 }])
    await publish('board', 3)
    expect(ann.heard('board')).toEqual(['1', '2', '3'])
  })

  test('[P6] [F39] names the gap, with head and epoch together', async () => {
    const { enter, publish, log, switchboard } = await play()
    await publish('board', 1, 2, 3)
    await log.trim('board', 1)
    const ann = await enter()
    await ann.say(
      fetch(1, '1'),
      fetch(2, '9'),
      ['fetch', { id: 3, channel: 'board', cursor: at('3', 'older') }],
      ['fetch', { id: 4, channel: 'board', cursor: at('3') }],
    )
    const gap = { state: 'gap', epoch: 'epoch', head: '3' }
    expect(ann.socket.bodies('page')).toEqual([
      { id: 1, ...gap, reason: 'trimmed' },
      { id: 2, ...gap, reason: 'ahead' },
      { id: 3, ...gap, reason: 'epoch' },
      { id: 4, state: 'events', epoch: 'epoch', after: '3', events: [], more: false },
    ])
    expect(switchboard.stats().gaps).toEqual({ trimmed: 1, ahead: 1, epoch: 1, slow: 0 })
  })

  test('[P13] is given to nobody who may not subscribe', async () => {
    const authorize: Authorize = (question) => {
      if (question.channel === 'closed') throw new Refusal('closed', 'come back tomorrow')
      return question.action === 'subscribe' && question.channel === 'board'
    }
    const { enter, publish } = await play({ authorize })
    await publish('secret', 1)
    const ann = await enter()
    await ann.say(fetch(7, '', 'secret'), fetch(8, '', 'closed'), fetch(9, '', 'a\ud800'))
    expect(ann.socket.bodies('page')).toEqual([
      { id: 7, state: 'denied' },
      { id: 8, state: 'denied', why: 'closed: come back tomorrow' },
      { id: 9, state: 'denied', why: 'bad-channel: no log can keep this name' },
    ])
    expect(ann.socket.end).toBeUndefined()
  })

  test('[P14] comes in the order of the questions; many wait, a few are looked up at once', async () => {
    const asked: string[] = []
    const answer = new Map<string, (may: boolean) => void>()
    const authorize: Authorize = ({ channel = '' }) => {
      asked.push(channel)
      return new Promise((resolve) => answer.set(channel, resolve))
    }
    const { enter } = await play({ authorize })
    const ann = await enter()
    await ann.say(...numbers(1, 100).map((id) => fetch(id, '', `c${id}`)))
    expect(asked).toEqual(['c1', 'c2', 'c3', 'c4'])
    for (const channel of ['c4', 'c3', 'c2']) answer.get(channel)?.(true)
    await settled()
    expect(ann.socket.bodies('page')).toEqual([])
    for (let id = 1; id <= 100; id++) {
      answer.get(`c${id}`)?.(true)
      await settled()
    }
    expect(ann.socket.bodies('page').map(({ id }) => id)).toEqual(numbers(1, 100))
    expect(ann.socket.end).toBeUndefined()
  })

  test('[P14] [F44] is not read for a socket that is full', async () => {
    const { enter, publish, clock } = await play()
    await publish('board', 1)
    const ann = await enter()
    ann.socket.unsent = 2 * 1024 * 1024
    await ann.say(fetch(1, ''))
    await clock.advance(1_000)
    expect(ann.socket.bodies('page')).toEqual([])
    ann.socket.unsent = 0
    await clock.advance(20)
    expect(ann.socket.bodies('page')).toHaveLength(1)
  })

  test('[P12] that cannot be read ends the connection with "later", one that nobody awaits nothing', async () => {
    const { enter, publish, faults, clock } = await play()
    await publish('board', 1)
    const ann = await enter()
    faults.reads = true
    await ann.say(fetch(1, ''), fetch(2, ''))
    expect(ann.socket.end?.[0]).toBe(1013)
    faults.reads = false
    let open = () => {}
    const bob = await enter({ client: 'bob' as never })
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    await bob.say(...numbers(1, 9).map((id) => fetch(id, '')))
    await bob.cut()
    open()
    await settled()
    await clock.advance(300_000)
    expect([bob.socket.bodies('page'), clock.timers]).toEqual([[], 0])
  })

  test('[P14] without bound cannot be asked for', async () => {
    const { enter } = await play({
      authorize: () => new Promise(() => undefined),
      limits: { channels: 5 },
    })
    const ann = await enter()
    await ann.say(...numbers(1, 5).map((id) => fetch(id, '')))
    expect(ann.socket.end).toBeUndefined()
    await ann.say(fetch(6, ''))
    expect(ann.socket.end?.[0]).toBe(1008)
  })
})
