/** Proves that what a spec gives to a page arrives there, and what the page says comes back. */
import { runInThisContext } from 'node:vm'
import { expect, test } from 'vitest'
import { answerOf, callOf, tellingCallOf } from './script-text.js'

const there = (text: string): unknown => runInThisContext(text)
const same = <Value>(value: Value): Value => value

test.each([
  undefined,
  null,
  [undefined, null, 1],
  { a: undefined, 'b c': ['"', "'", '\n', '\u2028', '`'] },
  [Infinity, Number.NaN, -1.5, true],
])('a page is given %j as it is', (value) => {
  expect(there(callOf(same, value))).toStrictEqual(value)
})

test.each([undefined, null, 1, 'text', { a: [1, { b: null }] }])(
  'a page says %j',
  async (value) => {
    expect(answerOf((await there(tellingCallOf(same, value))) as string)).toStrictEqual(value)
  },
)

test('what a page throws is thrown here, with its words', async () => {
  const run = (): void => {
    throw new TypeError('not here')
  }
  const text = (await there(tellingCallOf(run, undefined))) as string
  expect(() => answerOf(text)).toThrow('TypeError: not here')
})
