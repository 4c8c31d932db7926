import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEPARATOR } from '../protocol/port.js'
import { openAll, toText } from './payload.js'

describe('a payload on its way out', () => {
  it('is its JSON text, and nothing for nothing', () => {
    expect(toText({ a: [1, null, 'x'] })).toBe('{"a":[1,null,"x"]}')
    expect(toText(null)).toBe('null')
    expect(toText(undefined)).toBeUndefined()
    expect(toText({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })

  it('that JSON would drop or distort is an error that says where', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    for (const bad of [{ run: () => 1 }, { a: [new Map()] }, new Set(), 1n, Symbol('s'), circle]) {
      expect(() => toText(bad)).toThrow(expect.objectContaining({ code: 'not-json' }))
    }
    expect(() => toText({ deep: { run: () => 1 } })).toThrow(/"run" is a Function/)
  })

  it('never contains the separator, whatever the app sends', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: 'binary' }), (value, text) => {
        let json: string | undefined
        try {
          json = toText([value, text, SEPARATOR])
        } catch {
          return
        }
        expect(json).not.toContain(SEPARATOR)
      }),
    )
  })
})

describe('a batch on its way in', () => {
  it('opens to the payloads that went in', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const texts = values.map((value) => JSON.stringify(value))
        const opened = openAll(texts.join(SEPARATOR), texts.length)
        expect(opened.map(({ payload }) => JSON.stringify(payload))).toEqual(texts)
      }),
    )
  })

  it('[F46] with a payload that is not JSON loses only that one', () => {
    const texts = ['{"n":1}', '{not json', '', '1,2', '[3']
    const opened = openAll(texts.join(SEPARATOR), texts.length)
    expect(opened).toHaveLength(texts.length)
    expect(opened[0]).toEqual({ payload: { n: 1 } })
    for (const each of opened.slice(1)) expect(each.cause).toBeInstanceOf(SyntaxError)
  })

  it('[F46] of which one is two values at once is not shifted by it', () => {
    const opened = openAll(['1,2', '"b"'].join(SEPARATOR), 2)
    expect(opened[0]).toHaveProperty('cause')
    expect(opened[1]).toEqual({ payload: 'b' })
  })
})
