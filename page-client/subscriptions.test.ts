import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cursor } from '../protocol/ids.js'
import { SEPARATOR, type Subscription as Wanted } from '../protocol/port.js'
import { createSignal } from '../testing/signal.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { EventHandler, Snapshot, SubscribeOptions } from './api.js'
import { quietly } from './resolvers.js'
import type { Told } from './subscriber.js'
import { createSubscriptions } from './subscriptions.js'

const at = (id: string, epoch = 'e1') => ({ epoch, id }) as Cursor

const position = (subscriptions: number[], id: string): Told => ({
  kind: 'position',
  subscriptions,
  cursor: at(id),
})

const events = (subscriptions: number[], ...ids: string[]): Told => ({
  kind: 'events',
  subscriptions,
  channel: 'news',
  epoch: at('').epoch,
  ids: ids.map((id) => at(id).id),
  payloads: ids.map((id) => `"${id}"`).join(SEPARATOR),
})

function setUp() {
  const wanted: Wanted[] = []
  const stopped: number[] = []
  const hushed: number[] = []
  const errors: [code: ErrorInfo['code'], cause: unknown][] = []
  let ids = 0
  const { add, take, ...rest } = createSubscriptions({
    newId: () => ++ids,
    environment: { ...createVirtualClock(), random: () => 0.5 },
    onStart: (subscription) => wanted.push(subscription),
    onStop: (id) => stopped.push(id),
    onHush: (id) => hushed.push(id),
    onError: ({ code }, cause) => errors.push([code, cause]),
  })
  const subscriptions = {
    ...rest,
    add: (channel: string, handler: EventHandler<never>, given: SubscribeOptions) =>
      add(channel, handler, given, (value) => value),
    take: (news: Told) => void take(news),
  }
  return { subscriptions, wanted, stopped, hushed, errors }
}

describe('what a subscription asks for', () => {
  it('is what the app said, until it stands somewhere itself', () => {
    const { subscriptions } = setUp()
    const asked = [{}, { from: 'last' }, { from: { after: '7' } }, { from: { after: at('7') } }]
    for (const options of asked) subscriptions.add('news', () => {}, options as never)
    const froms = () => subscriptions.wanted().map(({ from }) => from)
    expect(froms()).toEqual(['now', 'last', { after: { id: '7' } }, { after: at('7') }])
    subscriptions.take(position([1], '3'))
    subscriptions.take(events([2], '8', '9'))
    expect(froms().slice(0, 2)).toEqual([{ after: at('3') }, { after: at('9') }])
  })

  it('[F39] is a position with its epoch, also after a gap', () => {
    const { subscriptions } = setUp()
    const handle = subscriptions.add('news', () => {}, {})
    expect(handle.cursor).toBeUndefined()
    subscriptions.take(events([1], '4'))
    const cursor = at('90', 'e2')
    const gap: Told = { kind: 'gap', subscriptions: [1], channel: 'news', reason: 'epoch', cursor }
    subscriptions.take(gap)
    expect(handle.cursor).toEqual(cursor)
    expect(subscriptions.wanted()).toMatchObject([{ from: { after: cursor } }])
  })
})

describe('what the broker is told of a subscription', () => {
  it('[P7] is how much history it wants, also when it goes on behind it', () => {
    const { subscriptions, wanted } = setUp()
    subscriptions.add('news', () => {}, { history: 20 })
    expect(wanted).toEqual([{ id: 1, channel: 'news', from: 'last', history: 20 }])
    subscriptions.take({ ...events([1], '4'), isKept: true } as Told)
    const after = at('4')
    expect(subscriptions.wanted()).toEqual([
      { id: 1, channel: 'news', from: { after }, history: 20 },
    ])
  })

  it('[P6][P7] is that it is unheard while a snapshot is fetched, at once and to every broker', async () => {
    const { subscriptions, wanted, hushed } = setUp()
    const fetching = quietly<Snapshot>()
    subscriptions.add('news', () => {}, {
      from: { after: at('3') },
      snapshot: () => fetching.promise,
      onSnapshot() {},
    })
    const gap = { channel: 'news', reason: 'trimmed', cursor: at('90') } as const
    subscriptions.take({ kind: 'gap', subscriptions: [1], ...gap })
    expect(hushed).toEqual([1])
    const first = { id: 1, channel: 'news', from: { after: at('90') } }
    expect(subscriptions.wanted()).toEqual([{ ...first, isUnheard: true }])
    fetching.resolve({ state: 1, at: at('95') })
    await settled()
    expect(wanted.at(-1)).toEqual({ id: 2, channel: 'news', from: { after: at('95') } })
    subscriptions.take({ kind: 'gap', subscriptions: [2], ...gap })
    expect(hushed).toEqual([1, 2])
    subscriptions.clear()
  })
})

describe('a signal given to a subscription', () => {
  it('stops it, once, and leaves no listener behind', () => {
    const { subscriptions, wanted, stopped } = setUp()
    const controller = new AbortController()
    const options = { signal: controller.signal }
    subscriptions.add('news', () => {}, options)
    subscriptions.add('news', () => {}, options).stop()
    controller.abort()
    expect(stopped).toEqual([2, 1])
    subscriptions.add('news', () => {}, options)
    expect(wanted).toHaveLength(2)
    expect(subscriptions.wanted()).toEqual([])
  })

  it('[P14] is let go of when the line is closed', () => {
    const { subscriptions } = setUp()
    const { signal, listeners } = createSignal()
    subscriptions.add('news', () => {}, { signal })
    subscriptions.clear()
    expect(listeners()).toBe(0)
  })
})

describe('delivery', () => {
  it('calls each handler with payload and place', () => {
    const { subscriptions } = setUp()
    const calls: unknown[][] = []
    subscriptions.add('news', (...call) => calls.push(call), {})
    subscriptions.take(events([1], '1'))
    expect(calls).toEqual([['1', { channel: 'news', id: '1', cursor: at('1') }]])
  })

  it('[F40] stops in the middle of a batch when the handler stops itself', () => {
    const { subscriptions, stopped } = setUp()
    const seen: unknown[] = []
    const handle = subscriptions.add(
      'news',
      (payload) => {
        seen.push(payload)
        handle.stop()
        handle[Symbol.dispose]()
      },
      {},
    )
    subscriptions.take(events([1], '1', '2', '3'))
    expect(seen).toEqual(['1'])
    expect(stopped).toEqual([1])
    expect(handle.cursor).toEqual(at('1'))
    expect(subscriptions.wanted()).toEqual([])
  })

  it('tells of a handler and of an onGap that throw, and goes on', () => {
    const { subscriptions, errors } = setUp()
    const fail = (): never => {
      throw new Error('mine')
    }
    const seen: unknown[] = []
    subscriptions.add('news', fail, { onGap: fail })
    subscriptions.add('news', (payload) => seen.push(payload), {})
    subscriptions.take(events([1, 2], '1', '2'))
    const cursor = at('9')
    const gap: Told = { kind: 'gap', subscriptions: [1], channel: 'news', reason: 'slow', cursor }
    subscriptions.take(gap)
    expect(seen).toEqual(['1', '2'])
    expect(errors).toEqual(Array(3).fill(['bad-event', new Error('mine')]))
  })

  it('tells of a denial', () => {
    const { subscriptions, errors } = setUp()
    subscriptions.add('news', () => {}, {})
    const details = { channel: 'news' }
    const error: ErrorInfo = { code: 'denied', details, message: 'no' }
    subscriptions.take({ kind: 'denied', subscriptions: [1], error })
    expect(errors).toEqual([['denied', undefined]])
  })

  it('ignores news for whoever has left', () => {
    const { subscriptions, errors } = setUp()
    const seen: unknown[] = []
    subscriptions.add('news', (payload) => seen.push(payload), {})
    subscriptions.clear()
    subscriptions.take(events([1, 7], '1'))
    expect([seen, errors]).toEqual([[], []])
  })
})
