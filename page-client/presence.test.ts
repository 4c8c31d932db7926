import { describe, expect, it } from 'vitest'
import type { PortMember } from '../protocol/port.js'
import { createFakeBroker, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import type { Member } from './api.js'
import { createPresences } from './presence.js'

function setUp(state: { broker?: FakeBroker } = { broker: createFakeBroker() }) {
  const clock = createVirtualClock()
  const errors: unknown[] = []
  let isOpen = true
  const presences = createPresences({
    environment: clock,
    broker: () => state.broker?.remote,
    assertOpen() {
      if (!isOpen) throw new Error('closed')
    },
    onError: ({ code, details }) => errors.push([code, details]),
    onThrow: (cause) => errors.push((cause as Error).message),
  })
  const told = (whole: boolean, members: PortMember[], left: string[] = []) =>
    presences.take({ kind: 'presence', channel: 'board', whole, members, left })
  const board = presences.of('board')
  const names = () => board.value.map(({ id, state: shown }) => `${id}:${shown}`)
  const close = () => {
    isOpen = false
    presences.clear()
  }
  return { clock, presences, board, told, names, errors, close, calls: state.broker?.calls ?? [] }
}

const member = (id: string, state: string, isSelf = false): PortMember => ({
  member: id,
  identity: 'ann',
  state,
  isSelf,
})

describe('who is there', () => {
  it('is asked for by the first who watches, until a moment after the last', async () => {
    const { board, calls, clock, told, names } = setUp()
    const stops = [board.subscribe(() => {}), board.subscribe(() => {})]
    told(true, [member('a', '1')])
    for (const stop of [...stops, ...stops]) stop()
    await clock.advance(999)
    // Drawn anew.
    const stop = board.subscribe(() => {})
    await clock.advance(5_000)
    expect(calls).toEqual([['presence', 'board', { watch: true }]])
    expect(names()).toEqual(['a:1'])
    stop()
    await clock.advance(1_000)
    expect(calls.slice(1)).toEqual([['presence', 'board', undefined]])
    expect(names()).toEqual([])
    told(false, [member('b', '2')])
    expect(names()).toEqual([])
  })

  it('is the whole list, then what changes', () => {
    const { board, told, names } = setUp()
    const lists: (readonly Member[])[] = []
    board.subscribe((members) => lists.push(members))
    told(true, [member('a', '{"x":1}'), member('b', '2', true)])
    expect(board.value).toEqual([
      { id: 'a', identity: 'ann', state: { x: 1 }, isSelf: false },
      { id: 'b', identity: 'ann', state: 2, isSelf: true },
    ])
    told(false, [member('c', '3'), member('b', '4', true)])
    expect(board.value[0]).toBe(lists[1]?.[0])
    told(false, [], ['a', 'x'])
    expect(names()).toEqual(['b:4', 'c:3'])
    told(true, [member('c', '3')])
    expect(names()).toEqual(['c:3'])
    expect(lists).toHaveLength(5)
  })

  it('leaves out whose state is not JSON, and tells of watchers that throw', () => {
    const { board, told, names, errors } = setUp()
    let isReady = false
    board.subscribe(() => {
      if (isReady) throw new Error('mine')
    })
    isReady = true
    told(true, [member('a', '{'), member('b', '2')])
    expect(names()).toEqual(['b:2'])
    expect(errors).toEqual([['bad-signal', { channel: 'board' }], 'mine'])
  })
})

describe('what this tab shows of itself', () => {
  it('is said when it changes, with what it watches', async () => {
    const { board, calls, clock } = setUp()
    board.set({ name: 'Ann' })
    board.set({ name: 'Ann' })
    const stop = board.subscribe(() => {})
    board.set(null)
    stop()
    await clock.advance(1_000)
    board.set(undefined)
    const state = '{"name":"Ann"}'
    expect(calls.map(([, , wish]) => wish)).toEqual([
      { watch: false, state },
      { watch: true, state },
      { watch: true, state: 'null' },
      { watch: false, state: 'null' },
      undefined,
    ])
  })

  it('[P14][G93] is refused when it is too long', () => {
    const { board, calls } = setUp()
    expect(() => board.set('x'.repeat(4_095))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(calls).toEqual([])
  })

  it('[P12] is said to every broker that does not know us yet', () => {
    const { presences, board } = setUp({})
    presences.of('news')
    board.set(1)
    presences.of('chat').subscribe(() => {})
    expect(presences.wishes()).toEqual([
      ['board', { watch: false, state: '1' }],
      ['chat', { watch: true }],
    ])
  })

  it('[P13] ends with the line, and so does what was known of others', async () => {
    const { presences, board, told, names, close, calls, clock } = setUp()
    const stop = board.subscribe(() => {})
    board.set(1)
    told(true, [member('a', '1')])
    close()
    expect([names(), presences.wishes()]).toEqual([[], []])
    expect(() => board.set(2)).toThrow('closed')
    stop()
    board.subscribe(() => {})
    await clock.advance(5_000)
    expect([calls.length, presences.wishes()]).toEqual([2, []])
  })
})
