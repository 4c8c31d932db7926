import { describe, expect, it } from 'vitest'
import type { SendOptions } from './api.js'
import { operationOf } from './operation.js'

const made = (options: SendOptions = {}, payload?: unknown, channel?: string) =>
  operationOf('note', payload, options, channel, () => 'k1')

describe('an operation', () => {
  it('carries what was given and nothing else', () => {
    expect(made()).toStrictEqual({ key: 'k1', lane: 'note', type: 'note' })
    const { signal } = new AbortController()
    const options = { lane: 'l', key: 'own', priority: -1, ttl: 0.5, maxAttempts: 3, signal }
    expect(made(options, { a: 1 }, 'news')).toStrictEqual({
      key: 'own',
      lane: 'l',
      type: 'note',
      channel: 'news',
      payload: '{"a":1}',
      priority: -1,
      ttl: 0.5,
      maxAttempts: 3,
    })
    const nothing = { lane: undefined, ttl: undefined, signal: undefined }
    expect(made(nothing)).toStrictEqual({ key: 'k1', lane: 'note', type: 'note' })
  })

  it('belongs to the lane of its channel, else of its type', () => {
    expect(made({}, 1, 'news').lane).toBe('news')
    expect(made({}, 1).lane).toBe('note')
  })

  const bad: [options: object, option: string][] = [
    [{ lane: 7 }, 'lane'],
    [{ key: 7 }, 'key'],
    [{ priority: '1' }, 'priority'],
    [{ priority: Number.NaN }, 'priority'],
    [{ priority: Infinity }, 'priority'],
    [{ ttl: 0 }, 'ttl'],
    [{ ttl: -1 }, 'ttl'],
    [{ ttl: Infinity }, 'ttl'],
    [{ ttl: Number.NaN }, 'ttl'],
    [{ maxAttempts: 0 }, 'maxAttempts'],
    [{ maxAttempts: 1.5 }, 'maxAttempts'],
    [{ maxAttempts: Infinity }, 'maxAttempts'],
    [{ signal: {} }, 'signal'],
    [{ signal: null }, 'signal'],
    [{ tll: 1 }, 'tll'],
  ]
  for (const [options, option] of bad) {
    const [[name, value] = []] = Object.entries(options)
    it(`[P14] with ${name}: ${value} is refused by name`, () => {
      const refusal = { code: 'bad-option', details: expect.objectContaining({ option }) }
      expect(() => made(options)).toThrow(expect.objectContaining(refusal))
    })
  }
})
