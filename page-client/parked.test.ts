import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cursor } from '../protocol/ids.js'
import type { ParkedEvent } from '../protocol/port.js'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createParkedView } from './parked.js'
import { createQuestions } from './questions.js'

const event = (key: string, n: number, code: ErrorInfo['code'] = 'failed'): ParkedEvent => ({
  key,
  n,
  channel: 'news',
  name: 'mine',
  cursor: { epoch: 'e1', id: key } as Cursor,
  payload: '1',
  error: errorOf(code),
  attempts: 5,
  at: 0,
})

function setUp(remote?: Partial<FakeBroker['remote']>) {
  const clock = createVirtualClock()
  const broker = createFakeBroker()
  const questions = createQuestions({
    after: clock.after,
    broker: () => remote && { ...broker.remote, ...remote },
    isOver: () => !remote,
  })
  const view = createParkedView({ questions, onThrow() {} })
  return { clock, view, face: view.face, calls: broker.calls }
}

describe("a tab's picture of the parked events", () => {
  it('[P8][P9] is in the order of parking, and knows why an event failed the last time', () => {
    const { view, face } = setUp()
    const told: (readonly string[])[] = []
    face.subscribe((events) => told.push(events.map(({ key }) => key)))
    view.take({ kind: 'parked', whole: true, put: [event('b', 2), event('a', 1)], removed: [] })
    const again = event('a', 1, 'timeout')
    view.take({ kind: 'parked', whole: false, put: [event('c', 3), again], removed: ['b'] })
    expect(told).toEqual([[], ['a', 'b'], ['a', 'c']])
    expect(face.value[0]).toEqual(again)
    // Of another broker, or after a restart.
    view.take({ kind: 'parked', whole: true, put: [event('d', 4)], removed: [] })
    view.clear()
    expect(told.slice(3)).toEqual([['d'], []])
  })

  it('says what the broker says', async () => {
    const { face, calls, clock } = setUp({})
    expect([await face.retry('a'), await face.discard('b')]).toEqual([true, true])
    expect(calls).toEqual([
      ['unpark', 'a'],
      ['discardParked', 'b'],
    ])
    expect(clock.pending).toBe(0)
  })

  it('[P12] answers for a broker that is not there', async () => {
    const { face } = setUp()
    expect([await face.retry('a'), await face.discard('a')]).toEqual([false, false])
  })

  for (const [how, call] of [
    ['never answers', () => new Promise<never>(() => {})],
    ['is gone', () => Promise.reject(new Error('released'))],
  ] as const) {
    it(`[P12] says so, and that it may be asked again, if a broker ${how}`, async () => {
      const { face, clock } = setUp({ unpark: call, discardParked: call })
      const answers = [face.retry('a'), face.discard('a')]
      await clock.advance(10_000)
      for (const answer of answers) {
        await expect(answer).rejects.toMatchObject({ code: 'timeout', retryable: true })
      }
    })
  }
})
