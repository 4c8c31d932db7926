import { describe, expect, it } from 'vitest'
import type { Key } from '../protocol/ids.js'
import type { OutboxEntry } from '../protocol/port.js'
import { createFakeBroker, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createOutboxView } from './outbox.js'
import { createQuestions } from './questions.js'

const entry = (key: string, n: number): OutboxEntry => ({
  key: key as Key,
  n,
  lane: 'l',
  type: 't',
  createdAt: 0,
  attempts: 0,
  state: 'queued',
})

function setUp(broker?: FakeBroker['remote'], hasOwn = false) {
  const clock = createVirtualClock()
  const questions = createQuestions({
    after: clock.after,
    broker: () => broker,
    isOver: () => !broker,
  })
  const view = createOutboxView({
    deliveries: {
      has: () => hasOwn,
      withdraw: async (key) => broker?.discard(key) ?? false,
    },
    questions,
    onThrow() {},
  })
  const keys = () => view.face.value.map(({ key }) => key)
  return { clock, questions, view, keys, face: view.face }
}

describe("a tab's picture of the outbox", () => {
  it('[P9] is in the order of sending, whenever the tab came and whatever was told first', () => {
    const early = setUp()
    early.view.take({ kind: 'outbox', whole: true, put: [entry('a', 1)], removed: [] })
    early.view.take({ kind: 'outbox', whole: false, put: [entry('c', 3)], removed: [] })
    early.view.take({ kind: 'outbox', whole: false, put: [entry('b', 2)], removed: [] })
    // Sent again, at the end of its lane.
    early.view.take({ kind: 'outbox', whole: false, put: [entry('a', 4)], removed: [] })
    const late = setUp()
    const put = [entry('c', 3), entry('a', 4), entry('b', 2)]
    late.view.take({ kind: 'outbox', whole: true, put, removed: [] })
    expect(early.keys()).toEqual(['b', 'c', 'a'])
    expect(late.keys()).toEqual(early.keys())
  })

  it('says what the broker says', async () => {
    const { face, clock } = setUp(createFakeBroker().remote)
    const key = 'a' as Key
    expect([await face.retry(key), await face.discard(key)]).toEqual([true, true])
    expect(await face.retryAll()).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('[P12] answers for a broker that is not there', async () => {
    const { face } = setUp()
    const key = 'a' as Key
    expect([await face.retry(key), await face.discard(key)]).toEqual([false, false])
    expect(await face.retryAll()).toBe(0)
  })

  for (const [how, call] of [
    ['never answers', () => new Promise<never>(() => {})],
    ['is gone', () => Promise.reject(new Error('released'))],
  ] as const) {
    it(`[P12] says so, and that it may be asked again, if a broker ${how}`, async () => {
      const broker = { ...createFakeBroker().remote, retry: call, retryAll: call, discard: call }
      const { face, clock } = setUp(broker)
      const own = setUp(broker, true)
      const key = 'a' as Key
      const answers = [face.retry(key), face.retryAll(), face.discard(key)]
      const ofOwn = own.face.discard(key)
      await clock.advance(10_000)
      await own.clock.advance(10_000)
      for (const answer of answers) {
        await expect(answer).rejects.toMatchObject({ code: 'timeout', retryable: true })
      }
      expect(await ofOwn).toBe(true)
    })
  }

  it('[P12][F12] is answered by the next broker, if the one that was asked dies', async () => {
    const dead = { ...createFakeBroker().remote, retry: () => Promise.reject(new Error('gone')) }
    const { face, questions, clock } = setUp(dead)
    const answer = face.retry('a' as Key)
    await clock.advance(100)
    questions.attached(createFakeBroker().remote)
    expect(await answer).toBe(true)
    expect(clock.pending).toBe(0)
  })
})
