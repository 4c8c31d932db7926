import type { ErrorInfo, OutboxEntry } from 'partyline'
import { describe, expect, it } from 'vitest'
import { RING } from '../../shared/bell.js'
import { leaveWords } from './leave-dialog.js'
import {
  errorWords,
  factsOf,
  lifeWords,
  reasonWords,
  stateWords,
  whatWords,
} from './outbox-words.js'

const entry = (fields: Partial<OutboxEntry> = {}): OutboxEntry => ({
  key: 'k' as OutboxEntry['key'],
  n: 1,
  lane: 'board/home',
  type: 'card.remove',
  payload: '{"card":"a"}',
  createdAt: 0,
  attempts: 0,
  state: 'queued',
  ...fields,
})
const failed = (
  outcome: NonNullable<OutboxEntry['outcome']>,
  error: Omit<ErrorInfo, 'message'>,
): OutboxEntry =>
  entry({ state: 'failed', outcome, error: { ...error, message: 'for developers' } as ErrorInfo })

describe('the words about the outbox', () => {
  it('[P5] tell each end by name and reason, never by a code', () => {
    const ends = [
      failed('rejected', { code: 'rejected', details: { reason: 'column-full', why: 'Full.' } }),
      failed('rejected', { code: 'rejected', details: { reason: 'column-full' } }),
      failed('rejected', { code: 'exhausted', details: { attempts: 5 } }),
      failed('rejected', { code: 'outcome-unknown', details: { why: 'x' } }),
      failed('rejected', { code: 'too-large', details: { size: 2, limit: 1 } }),
      failed('expired', { code: 'expired', details: {} }),
      failed('discarded', { code: 'discarded', details: { by: 'overflow' } }),
    ]
    expect(ends.map((end) => [stateWords(end), reasonWords(end)])).toEqual([
      ['Refused', 'Full.'],
      ['Refused', 'the server said “column-full”'],
      ['Given up', 'no answer after 5 attempts'],
      ['Nobody knows', 'it may or may not have taken effect'],
      ['Refused', 'it is larger than the server takes'],
      ['Too late', 'its time ran out before the server had it'],
      ['Pushed out', 'newer changes needed the room'],
    ])
  })

  it('tell what is under way, and that a withdrawal is not yet an end', () => {
    const states = ['queued', 'sent', 'withdrawn'] as const
    expect(states.map((state) => stateWords({ state }))).toEqual([
      'Waiting',
      'On its way',
      'Being withdrawn',
    ])
    expect(reasonWords({ state: 'queued' })).toBeUndefined()
    expect(reasonWords({ state: 'withdrawn' })).toContain('last word')
  })

  it('[P8] tell why a tab could not handle something in the words of the system that refused', () => {
    const details = { reason: 'TypeError', why: 'Illegal constructor' }
    const why = (given: { reason: string; why?: string }): string =>
      errorWords({ code: 'failed', details: given, message: 'for developers' })
    expect(why(details)).toBe('this browser said “Illegal constructor”')
    expect(why({ reason: 'TypeError' })).toBe('this browser said “TypeError”')
  })

  it('count attempts from the second one on', () => {
    expect(factsOf(entry({ attempts: 1 }), 0)).toEqual(['just now'])
    expect(factsOf(entry({ attempts: 3 }), 0)).toEqual(['just now', 'sent 3 times'])
    const exhausted = failed('rejected', { code: 'exhausted', details: { attempts: 5 } })
    expect(factsOf({ ...exhausted, attempts: 5 }, undefined)).toEqual([
      'no answer after 5 attempts',
    ])
  })

  it('count a life down while it lasts, and show no age where it would stand still', () => {
    expect(factsOf(entry({ expiresAt: 20_000 }), 6000)).toEqual(['6 s ago', 'expires in 14 s'])
    expect(factsOf(entry({ expiresAt: 20_000 }), undefined)).toEqual([])
    expect(factsOf(entry({ expiresAt: 20_000, state: 'failed' }), 6000)).toEqual(['6 s ago'])
    expect([-5, 999, 90_000].map(lifeWords)).toEqual([
      'expires now',
      'expires now',
      'expires in 2 min',
    ])
  })

  it('name the ring, the command, and what a newer version has put there', () => {
    expect(whatWords(entry({ type: RING }), {})).toBe('Ring the bell')
    expect(whatWords(entry(), {})).toBe('Remove “a card that is gone”')
    expect(whatWords(entry({ type: 'card.fold' }), {})).toBe('card.fold')
  })
})

describe('the question before somebody leaves', () => {
  const of = (...states: OutboxEntry['state'][]) =>
    leaveWords(
      'Ada',
      states.map((state) => ({ state })),
    )

  it('[P13] counts what has not arrived and what waits for a decision', () => {
    expect(of('queued').what).toBe('1 change has not reached the server yet.')
    expect(of('queued', 'sent', 'failed').what).toBe(
      '2 changes may not have reached the server. 1 change has not got through and waits for a decision.',
    )
    expect(of('failed', 'failed').what).toBe(
      '2 changes have not got through and wait for a decision.',
    )
  })

  it('[P5] admits that what is on its way cannot be called back', () => {
    expect(of('queued').discard).not.toContain('may take effect')
    expect(of('queued', 'sent').discard).toContain('may take effect')
    expect(of('withdrawn').discard).toContain('may take effect')
  })
})
