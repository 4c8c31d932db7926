import { describe, expect, it } from 'vitest'
import { requestOf } from './request.js'

describe('a request as the broker takes it', () => {
  it('says no more than was said', () => {
    expect(requestOf('list', undefined, {})).toEqual({ type: 'list', timeout: 10_000 })
    const options = { timeout: 50, channel: 'board/7', signal: new AbortController().signal }
    const payload = '{"all":true}'
    const request = { type: 'list', timeout: 50, channel: 'board/7', payload }
    expect(requestOf('list', { all: true }, options)).toEqual(request)
  })

  for (const [option, value] of [
    ['timeout', 0],
    ['timeout', 2 ** 31],
    ['timeout', Infinity],
    ['channel', 7],
    ['signal', new AbortController()],
    ['signal', null],
    ['ttl', 7],
  ] as const) {
    it(`refuses ${option}: ${value}`, () => {
      expect(() => requestOf('list', 1, { [option]: value } as never)).toThrow(
        expect.objectContaining({ code: 'bad-option' }),
      )
    })
  }
})
