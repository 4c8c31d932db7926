import { expect, test } from 'vitest'
import { CLOSE, verdictOf } from './close-codes.js'

test('every close code has its verdict', () => {
  const table = Object.entries(CLOSE).map(([name, code]) => `${code} ${name} ${verdictOf(code)}`)
  expect(table).toEqual([
    '1000 normal retry',
    '1001 goingAway retry',
    '1002 protocolError fatal',
    '1003 unsupportedData retry',
    '1006 abnormal retry',
    '1007 invalidPayload fatal',
    '1008 policy fatal',
    '1009 tooLarge fatal',
    '1012 restart restart',
    '1013 tryLater busy',
    '4000 violated retry',
    '4001 unauthorized unauthorized',
    '4002 maintenance restart',
    '4003 forbidden fatal',
    '4008 tooSlow retry',
    '4009 superseded superseded',
    '4029 busy busy',
  ])
})

test('[F35] a clean close, a lost network and a code that nobody knows are all tried again', () => {
  for (const code of [1000, 1001, 1005, 1006, 1011, 3000, 4999])
    expect(verdictOf(code)).toBe('retry')
})

test('an app overrides single codes', () => {
  expect(verdictOf(4999, { 4999: 'fatal' })).toBe('fatal')
  expect(verdictOf(1002, { 4999: 'fatal' })).toBe('fatal')
})
