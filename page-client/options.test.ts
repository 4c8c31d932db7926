import { describe, expect, it } from 'vitest'
import { check, refuse } from './options.js'

const EXPECTED = { url: 'string|object', lane: 'string?', auth: 'function?', ttl: 'number?' }

describe('options', () => {
  it('pass when each is of a kind that was expected', () => {
    expect(() => check({ url: 'x' }, EXPECTED)).not.toThrow()
    expect(() =>
      check({ url: new URL('wss://a'), lane: undefined, ttl: 0 }, EXPECTED),
    ).not.toThrow()
    expect(() => check({ url: 'x', lane: 'a', auth: () => '' }, EXPECTED)).not.toThrow()
  })

  const bad: [why: string, given: object, option: string, expected: RegExp][] = [
    ['missing', {}, 'url', /^string\|object$/],
    ['misspelt', { url: 'x', lanes: 'a' }, 'lanes', /^one of: url, lane, auth, ttl$/],
    ['of the wrong kind', { url: 'x', lane: 7 }, 'lane', /^string or nothing$/],
    ['null', { url: 'x', lane: null }, 'lane', /string/],
    ['a number that is none', { url: 'x', ttl: Number.NaN }, 'ttl', /^a finite number$/],
    ['without end', { url: 'x', ttl: Infinity }, 'ttl', /^a finite number$/],
    ['inherited in name only', { url: 'x', toString: 'a' }, 'toString', /one of/],
  ]
  for (const [why, given, option, expected] of bad) {
    it(`are refused by name when one is ${why}`, () => {
      expect(() => check(given, EXPECTED)).toThrow(
        expect.objectContaining({
          code: 'bad-option',
          details: { option, expected: expect.stringMatching(expected) },
        }),
      )
    })
  }

  it('are refused with a sentence that names option and expectation', () => {
    expect(() => refuse('url', 'a URL')).toThrow('Option "url": expected a URL.')
  })
})
