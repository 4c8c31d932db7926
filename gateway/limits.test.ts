import { expect, test } from 'vitest'
import { MESSAGE_MAX } from '../protocol/wire/limits.js'
import { DEFAULT_LIMITS, resolveLimits } from './limits.js'

test('the defaults fit each other', () => {
  const { payload, message, frameChars } = resolveLimits()
  expect(message).toBeGreaterThan(payload * 6)
  expect((payload + frameChars) * 6).toBeLessThanOrEqual(MESSAGE_MAX)
})

test('[P14][G92][G93][G94] the defaults that docs/GUARANTEES.md names are these', () => {
  expect(DEFAULT_LIMITS).toMatchObject({
    requests: 128,
    signal: 4_096,
    presence: 4_096,
    members: 1_000,
    graceMs: 10_000,
  })
})

test('[F28] a payload within its limit always fits into a message, however it is escaped', () => {
  expect(() => resolveLimits({ payload: 1_000, message: 9_000 })).toThrow('limits.message')
  const { payload, message } = resolveLimits({ payload: 1_000, message: 11_000 })
  const op = { lane: 'l'.repeat(256), key: 'k'.repeat(256), payload: '\u0001'.repeat(payload) }
  expect(JSON.stringify([['op', op]]).length).toBeLessThan(message)
})

test('events that no client could read are not configured', () => {
  expect(() => resolveLimits({ frameChars: 4_000_000 })).toThrow('must fit')
  expect(() => resolveLimits({ pageChars: 4_000_000 })).toThrow('must fit')
  expect(() => resolveLimits({ response: 4_000_000 })).toThrow('limits.response')
  expect(() => resolveLimits({ pageEvents: 10_001 })).toThrow('limits.pageEvents')
  expect(() => resolveLimits({ window: 1.5 })).toThrow('limits.window')
})
