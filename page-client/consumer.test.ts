import { describe, expect, it } from 'vitest'
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { Cursor } from '../protocol/ids.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { ConsumeHandler, ConsumeInfo } from './api.js'
import { createConsumer, type Offer } from './consumer.js'
import { quietly } from './resolvers.js'
import { createValidators } from './validators.js'

/** As long as a page may begin an offer. */
const OFFER_MS = 4_000
const at = (id: string) => ({ epoch: 'e1', id }) as Cursor

interface World {
  readonly handler?: ConsumeHandler<string>
  readonly check?: (value: unknown) => unknown
}

function setUp({ handler = () => {}, check = (value) => value }: World = {}) {
  const clock = createVirtualClock()
  const handled: [attempt: number, event: string, error?: ErrorInfo][] = []
  const errors: [code: ErrorInfo['code'], cause: unknown][] = []
  const runs: [payload: string, info: ConsumeInfo][] = []
  const consumer = createConsumer({
    wanted: { id: 1, channel: 'news', name: 'mine', maxAttempts: 3, timeout: 500 },
    handler(payload: string, info) {
      runs.push([payload, info])
      return handler(payload, info)
    },
    check,
    environment: clock,
    onHandled: (attempt, event, error) => {
      handled.push(error ? [attempt, event, error] : [attempt, event])
    },
    onError: ({ code }, cause) => errors.push([code, cause]),
  })
  const offer = (id: string, more: Partial<Offer> = {}): Offer => ({
    kind: 'consume',
    consumption: 1,
    cursor: at(id),
    payload: `"${id}"`,
    attempt: 1,
    offeredAt: clock.wall(),
    ...more,
  })
  const codes = () => handled.map(([, , error]) => error?.code)
  return { clock, consumer, handled, codes, errors, runs, offer }
}

const never = (): Promise<never> => new Promise(() => {})

describe('an event that is offered to a tab', () => {
  it('[P8] is handed to the handler at once, and said to be handled when that is done', async () => {
    const work = quietly<void>()
    const { consumer, handled, runs, offer, clock } = setUp({ handler: () => work.promise })
    expect(consumer.take(offer('1', { attempt: 2 }))).toBeUndefined()
    const info = { channel: 'news', id: '1', cursor: at('1'), attempt: 2 }
    expect(runs).toEqual([['1', { ...info, signal: expect.any(AbortSignal) }]])
    await settled()
    expect(handled).toEqual([])
    work.resolve()
    await settled()
    expect(handled).toEqual([[2, '1']])
    expect([runs[0]?.[1].signal.aborted, clock.pending]).toEqual([false, 0])
  })

  it('[P8][G34] has failed when its handler throws, rejects, or takes too long', async () => {
    const fail = (): never => {
      throw new TypeError('mine')
    }
    for (const handler of [fail, async () => fail()]) {
      const { consumer, handled, offer, errors, clock } = setUp({ handler })
      void consumer.take(offer('1'))
      await settled()
      const details = { reason: 'TypeError', why: 'mine' }
      const message = 'The handler failed (TypeError): mine.'
      expect(handled).toEqual([[1, '1', { code: 'failed', details, message }]])
      expect([errors, clock.pending]).toEqual([[], 0])
    }
    const { consumer, codes, runs, offer, clock } = setUp({ handler: never })
    void consumer.take(offer('1'))
    await clock.advance(499)
    expect([codes(), runs[0]?.[1].signal.aborted]).toEqual([[], false])
    await clock.advance(1)
    expect(codes()).toEqual(['timeout'])
    expect(runs[0]?.[1].signal.reason).toMatchObject({ code: 'timeout', details: { ms: 500 } })
  })

  it('[P8] has ended once: what its handler does after its time is told to nobody', async () => {
    for (const end of [(): void => {}, () => Promise.reject(new Error('late'))]) {
      const work = quietly<void>()
      const { consumer, codes, offer, clock } = setUp({ handler: () => work.promise.then(end) })
      void consumer.take(offer('1'))
      await clock.advance(500)
      work.resolve()
      await settled()
      expect(codes()).toEqual(['timeout'])
    }
  })

  it('[P8][G38] goes to onError, with its cause, when it has failed for the last time', async () => {
    const cause = new Error('mine')
    const { consumer, errors, offer } = setUp({ handler: () => Promise.reject(cause) })
    // Not every attempt was a failure; and what is parked is tried once more, as its first.
    void consumer.take(offer('1', { attempt: 9 }))
    await settled()
    expect(errors).toEqual([])
    void consumer.take(offer('1', { attempt: 1, isLast: true }))
    await settled()
    expect(errors).toEqual([['failed', cause]])
  })

  it('[P14] has failed with a text that any port can carry, and not a long one', async () => {
    const long = 'x'.repeat(100_000)
    const causes = [
      Object.assign(new Error(long), { name: long, run() {} }),
      new PartylineError({ code: 'invalid', details: { at: '', issues: [long] }, message: long }),
      long,
      undefined,
      null,
      Symbol('odd'),
      Object.create(null),
      { code: 'bad-event', message: () => {} },
      Object.assign(new Error('odd'), { message: Object.create(null) }),
    ]
    for (const cause of causes) {
      const { consumer, handled, codes, offer } = setUp({ handler: () => Promise.reject(cause) })
      void consumer.take(offer('1'))
      await settled()
      expect(codes()).toEqual(['failed'])
      expect(JSON.stringify(structuredClone(handled)).length).toBeLessThan(5_000)
    }
  })

  it('[P14][G91] has failed with a thousand characters of what was thrown', async () => {
    const cause = new Error('x'.repeat(1_001))
    const { consumer, handled, offer } = setUp({ handler: () => Promise.reject(cause) })
    void consumer.take(offer('1'))
    await settled()
    expect(handled[0]?.[2]?.details).toEqual({ reason: 'Error', why: 'x'.repeat(1_000) })
  })
})

describe('an event that a tab cannot hand to its handler', () => {
  it('[P8][G36] is refused for good when it is not JSON', async () => {
    const { consumer, codes, runs, errors, offer } = setUp()
    void consumer.take(offer('1', { payload: '{' }))
    await settled()
    expect([codes(), runs]).toEqual([['bad-event'], []])
    expect(errors).toEqual([['bad-event', expect.any(SyntaxError)]])
  })

  it('[P8][P14][G36][G91] is refused for good when its validator says so, with a bounded reason', async () => {
    const issues = Array.from({ length: 1_000 }, () => ({ message: 'x'.repeat(1_000) }))
    const schema = { '~standard': { version: 1, vendor: 'mine', validate: () => ({ issues }) } }
    const slow = {
      '~standard': { ...schema['~standard'], validate: async () => ({ issues }) },
    }
    for (const news of [schema, slow]) {
      const validators = createValidators({ channels: { news } }, createVirtualClock())
      const { consumer, handled, codes, runs, errors, offer } = setUp({
        check: validators.channel('news'),
      })
      void consumer.take(offer('1'))
      await settled()
      expect([codes(), runs]).toEqual([['invalid'], []])
      expect(errors).toEqual([['invalid', expect.any(PartylineError)]])
      expect(handled[0]?.[2]?.details).toMatchObject({ issues: { length: 20 } })
      expect(JSON.stringify(structuredClone(handled)).length).toBeLessThan(15_000)
    }
  })

  it('[P8] is refused for good when its validator throws', async () => {
    const { consumer, codes, offer } = setUp({
      check() {
        throw new Error('mine')
      },
    })
    void consumer.take(offer('1'))
    await settled()
    expect(codes()).toEqual(['bad-event'])
  })

  it('is handed on as its validator returns it, and counts as begun meanwhile', async () => {
    const answer = quietly<string>()
    const { consumer, handled, runs, offer } = setUp({ check: () => answer.promise })
    expect(consumer.take(offer('1'))).toBeUndefined()
    answer.resolve('ONE')
    await settled()
    expect(runs.map(([payload]) => payload)).toEqual(['ONE'])
    expect(handled).toEqual([[1, '1']])
  })

  it('[P8] is not handed on when nobody waits for it any more', async () => {
    const answer = quietly<string>()
    const { consumer, codes, runs, offer, clock } = setUp({ check: () => answer.promise })
    void consumer.take(offer('1'))
    await clock.advance(500)
    answer.resolve('late')
    await settled()
    expect([codes(), runs]).toEqual([['timeout'], []])
  })
})

describe('an offer that comes late', () => {
  it('[P8][G39] is let be, and not confirmed while that would mean that it was begun', async () => {
    const { consumer, runs, handled, offer, clock } = setUp()
    const old = offer('1')
    await clock.advance(OFFER_MS + 1)
    let isConfirmed = false
    void consumer.take(old)?.then(() => {
      isConfirmed = true
    })
    await clock.advance(1_000)
    expect(isConfirmed).toBe(false)
    await clock.advance(500)
    expect([isConfirmed, runs, handled, clock.pending]).toEqual([true, [], [], 0])
  })

  it('[P8][G39] is let be at once by a tab that thaws', async () => {
    const { consumer, runs, offer, clock } = setUp()
    const old = offer('1')
    await clock.advance(60_000)
    expect(consumer.take(old)).toBeUndefined()
    expect(runs).toEqual([])
  })

  it('[P8] is let be when the clock was set back, for no longer than it takes to be handed on', async () => {
    const { consumer, runs, offer, clock } = setUp()
    const odd = offer('1', { offeredAt: clock.wall() + OFFER_MS + 1 })
    let isConfirmed = false
    void consumer.take(odd)?.then(() => {
      isConfirmed = true
    })
    await clock.advance(OFFER_MS + 1_500)
    expect([isConfirmed, runs]).toEqual([true, []])
  })

  it('[P8][G39] is begun as long as it may be', () => {
    const { consumer, runs, offer, clock } = setUp({ handler: never })
    const edge = offer('1')
    clock.jumpWall(OFFER_MS)
    void consumer.take(edge)
    void consumer.take(offer('2', { offeredAt: clock.wall() + OFFER_MS }))
    expect(runs.map(([payload]) => payload)).toEqual(['1', '2'])
    consumer.interrupt()
  })
})

describe('a run that nobody waits for', () => {
  it('[P8][G34] is aborted, and its end is told to nobody', async () => {
    const work = quietly<void>()
    const { consumer, handled, runs, offer, clock } = setUp({ handler: () => work.promise })
    void consumer.take(offer('1'))
    consumer.interrupt()
    expect(runs[0]?.[1].signal.aborted).toBe(true)
    work.resolve()
    await clock.advance(500)
    expect([handled, clock.pending]).toEqual([[], 0])
  })

  it('[P8][G34] gives way to the next offer', async () => {
    const { consumer, handled, runs, offer } = setUp({
      handler: (_, { attempt }) => (attempt === 1 ? never() : undefined),
    })
    void consumer.take(offer('1'))
    void consumer.take(offer('1', { attempt: 2 }))
    await settled()
    expect(runs.map(([, { signal }]) => signal.aborted)).toEqual([true, false])
    expect(handled).toEqual([[2, '1']])
  })
})
