import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cursor } from '../protocol/ids.js'
import { createFakeBroker } from '../testing/fake-broker.js'
import { createSignal } from '../testing/signal.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { ConsumeHandler, ConsumeOptions } from './api.js'
import type { Offer } from './consumer.js'
import { createConsumptions } from './consumptions.js'
import type { Told } from './subscriber.js'

const at = (id: string) => ({ epoch: 'e1', id }) as Cursor
const gap = (...subscriptions: number[]): Told => {
  return { kind: 'gap', subscriptions, channel: 'news', reason: 'trimmed', cursor: at('9') }
}
const denied = (...subscriptions: number[]): Told => {
  const error: ErrorInfo = { code: 'denied', details: { channel: 'news' }, message: '' }
  return { kind: 'denied', subscriptions, error }
}

function setUp() {
  const clock = createVirtualClock()
  const broker = createFakeBroker()
  const errors: unknown[] = []
  let ids = 0
  const consumptions = createConsumptions({
    environment: clock,
    newId: () => ++ids,
    broker: () => broker.remote,
    onError: ({ code }, cause) => errors.push(cause ? [code, (cause as Error).message] : code),
  })
  const add = (handler: ConsumeHandler<never> = () => {}, given: ConsumeOptions = {}) =>
    consumptions.add('news', 'mine', handler, given, (value) => value)
  const offer = (consumption: number, id = '1'): Offer => ({
    kind: 'consume',
    consumption,
    cursor: at(id),
    payload: '1',
    attempt: 1,
    offeredAt: clock.wall(),
  })
  return { clock, consumptions, calls: broker.calls, errors, add, offer }
}

const about = { channel: 'news', name: 'mine', maxAttempts: 5, timeout: 30_000 }

describe('what a tab offers to handle', () => {
  it('[P12] is said to the broker that is there, and to every one that comes', () => {
    const { add, consumptions, calls } = setUp()
    expect(add()).toMatchObject({ channel: 'news', name: 'mine' })
    add(() => {}, { maxAttempts: 1, timeout: 50 })
    const other = { ...about, id: 2, maxAttempts: 1, timeout: 50 }
    expect(calls).toEqual([
      ['consume', { ...about, id: 1 }],
      ['consume', other],
    ])
    expect(consumptions.wanted()).toEqual([{ ...about, id: 1 }, other])
  })

  it('[P8][G34] is taken back once, and what runs is aborted', async () => {
    const { add, consumptions, calls, offer } = setUp()
    const signals: AbortSignal[] = []
    const controller = new AbortController()
    const consumption = add((_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const other = add(() => {}, { signal: controller.signal })
    await consumptions.take(offer(1))
    consumption.stop()
    consumption[Symbol.dispose]()
    controller.abort()
    other.stop()
    add(() => {}, { signal: controller.signal })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(calls.slice(2)).toEqual([
      ['stopConsuming', 1],
      ['stopConsuming', 2],
    ])
    expect(consumptions.wanted()).toEqual([])
    expect(consumptions.take(offer(1))).toBeUndefined()
    expect(signals).toHaveLength(1)
  })

  it('[P8] is answered for by number, attempt and event', async () => {
    const { add, consumptions, calls, offer } = setUp()
    add()
    add(() => Promise.reject(new Error('mine')))
    void consumptions.take(offer(2, '7'))
    void consumptions.take(offer(1, '8'))
    await settled()
    const failed = expect.objectContaining({ code: 'failed' })
    const answers = calls.slice(2).toSorted(([, a], [, b]) => Number(a) - Number(b))
    expect(answers).toEqual([
      ['handled', 1, 1, '8', undefined],
      ['handled', 2, 1, '7', failed],
    ])
  })

  it('[P8] is not answered for to another broker, and goes on there', async () => {
    const { add, consumptions, calls, offer } = setUp()
    const finish: (() => void)[] = []
    const signals: AbortSignal[] = []
    add((_, { signal }) => {
      signals.push(signal)
      return new Promise<void>((resolve) => finish.push(resolve))
    })
    void consumptions.take(offer(1))
    consumptions.interrupt()
    void consumptions.take(offer(1))
    finish[0]?.()
    await settled()
    expect(calls.filter(([name]) => name === 'handled')).toEqual([])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    finish[1]?.()
    await settled()
    expect(calls.filter(([name]) => name === 'handled')).toHaveLength(1)
  })

  it('ends with the line', () => {
    const { add, consumptions, offer, clock } = setUp()
    const signals: AbortSignal[] = []
    const { signal: given, listeners } = createSignal()
    const handler: ConsumeHandler<never> = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    add(handler, { signal: given })
    void consumptions.take(offer(1))
    consumptions.clear()
    expect([signals[0]?.aborted, clock.pending, listeners()]).toEqual([true, 0, 0])
    expect(consumptions.wanted()).toEqual([])
  })
})

describe('a consumer that has lost events', () => {
  it('[P6][P8] tells the tab it was told by, or its onError', () => {
    const { add, consumptions, errors } = setUp()
    const gaps: unknown[] = []
    add(() => {}, { onGap: (told) => gaps.push(told) })
    add()
    add(() => {}, {
      onGap() {
        throw new Error('mine')
      },
    })
    consumptions.told(gap(1, 2, 3, 7))
    expect(gaps).toEqual([{ channel: 'news', reason: 'trimmed', cursor: at('9') }])
    expect(errors).toEqual(['gap', ['bad-event', 'mine']])
  })

  it('tells of a denial, and nobody of what is not for it', () => {
    const { add, consumptions, errors } = setUp()
    add()
    consumptions.told(denied(7))
    consumptions.told({ kind: 'position', subscriptions: [1], cursor: at('9') })
    expect(errors).toEqual([])
    consumptions.told(denied(1))
    expect(errors).toEqual(['denied'])
  })
})
