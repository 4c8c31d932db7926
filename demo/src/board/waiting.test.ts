import { describe, expect, it } from 'vitest'
import { LINGER_MS, nextDeadline, type Queued, step, type Waiting } from './waiting.js'

const op = (key: string): Queued => ({
  key,
  createdAt: 1,
  command: { type: 'card.remove', payload: { card: key } },
})
const keys = (waiting: readonly Waiting[]): readonly string[] => waiting.map(({ key }) => key)

describe('what waits', () => {
  it('is on screen from the moment it is sent, before any worker has answered', () => {
    const waiting = step([], { kind: 'sent', queued: op('a'), now: 0 })
    expect(waiting).toEqual([{ ...op('a'), stage: 'handing-over' }])
    expect(nextDeadline(waiting)).toBeUndefined()
  })

  it('does not flicker when the line has taken it and the outbox does not list it yet', () => {
    let waiting = step([], { kind: 'sent', queued: op('a'), now: 0 })
    waiting = step(waiting, { kind: 'handed-over', key: 'a', isTaken: true, now: 5 })
    waiting = step(waiting, { kind: 'outbox-changed', queued: [], dropped: [], now: 6 })
    expect(keys(waiting)).toEqual(['a'])
  })

  it('does not flicker when the ack comes before the event', () => {
    let waiting = step([], { kind: 'outbox-changed', queued: [op('a')], dropped: [], now: 0 })
    waiting = step(waiting, { kind: 'outbox-changed', queued: [], dropped: [], now: 10 })
    expect(keys(waiting)).toEqual(['a'])
    expect(keys(step(waiting, { kind: 'settled', keys: ['a'], now: 20 }))).toEqual([])
  })

  it('is given up when it left the outbox and no event ever came', () => {
    let waiting = step([], { kind: 'outbox-changed', queued: [op('a')], dropped: [], now: 0 })
    waiting = step(waiting, { kind: 'outbox-changed', queued: [], dropped: [], now: 10 })
    expect(nextDeadline(waiting)).toBe(10 + LINGER_MS)
    expect(step(waiting, { kind: 'time-passed', now: 9 + LINGER_MS })).toBe(waiting)
    expect(step(waiting, { kind: 'time-passed', now: 10 + LINGER_MS })).toEqual([])
  })

  it('[P5] leaves the board as soon as the server has refused it', () => {
    const waiting = step([], { kind: 'outbox-changed', queued: [op('a')], dropped: [], now: 0 })
    expect(step(waiting, { kind: 'outbox-changed', queued: [], dropped: ['a'], now: 1 })).toEqual(
      [],
    )
  })

  it('leaves the board when the line could not take it', () => {
    const waiting = step([], { kind: 'sent', queued: op('a'), now: 0 })
    expect(step(waiting, { kind: 'handed-over', key: 'a', isTaken: false, now: 1 })).toEqual([])
  })

  it('leaves the board at once when a person withdraws it', () => {
    const waiting = step([], { kind: 'outbox-changed', queued: [op('a')], dropped: [], now: 0 })
    expect(step(waiting, { kind: 'withdrawn', key: 'a', now: 1 })).toEqual([])
    expect(step(waiting, { kind: 'withdrawn', key: 'b', now: 1 })).toBe(waiting)
  })

  it('[P4] keeps the order: acknowledged, then queued, then handed over', () => {
    let waiting = step([], {
      kind: 'outbox-changed',
      queued: [op('a'), op('b')],
      dropped: [],
      now: 0,
    })
    waiting = step(waiting, { kind: 'sent', queued: op('c'), now: 1 })
    waiting = step(waiting, { kind: 'outbox-changed', queued: [op('b')], dropped: [], now: 2 })
    expect(keys(waiting)).toEqual(['a', 'b', 'c'])
  })

  it('counts an operation once, whoever tells of it first', () => {
    const waiting = step([], { kind: 'outbox-changed', queued: [op('a')], dropped: [], now: 0 })
    expect(step(waiting, { kind: 'sent', queued: op('a'), now: 1 })).toBe(waiting)
  })
})
