import { describe, expect, test } from 'vitest'
import { type Decoded, decodeDown, decodeUp, encode } from './codec.js'
import { DOWN_EXAMPLES, UP_EXAMPLES } from './examples.js'
import { garbage } from './garbage.js'
import { FRAMES_MAX } from './limits.js'

const MAX = 1_000_000
const closeOf = (decoded: Decoded<unknown>): number | undefined =>
  decoded.ok ? undefined : decoded.violation.close

describe.each([
  ['up', decodeUp, UP_EXAMPLES],
  ['down', decodeDown, DOWN_EXAMPLES],
] as const)('the wire %s', (_, decode, examples) => {
  test('every frame survives the journey with every field', () => {
    expect(decode(encode(examples), MAX)).toEqual({ ok: true, frames: examples })
  })

  test('[F46] whatever comes ends in frames or in a violation with a close code, never in a throw', () => {
    const models = [...examples.map((frame) => [frame]), examples]
    let violations = 0
    for (const message of garbage(models, 10_000, 46)) {
      const decoded = decode(message, MAX)
      if (decoded.ok) continue
      violations += 1
      expect([1002, 1003, 1007, 1009]).toContain(decoded.violation.close)
      expect(decoded.violation.why.length).toBeLessThan(600)
    }
    expect(violations).toBeGreaterThan(3_000)
    expect(violations).toBeLessThan(9_900)
  })

  test.each<[string, unknown, number]>([
    ['binary', new Uint8Array(1), 1003],
    ['no JSON', '[', 1007],
    ['too long', ' '.repeat(MAX + 1), 1009],
    ['no array', '{}', 1002],
    ['too many frames', JSON.stringify(Array(FRAMES_MAX + 1).fill(['x-a'])), 1002],
    ['no frame', '[[]]', 1002],
    ['an unknown frame', '[["surprise",{}]]', 1002],
    ['a name of every object', '[["constructor",{}]]', 1002],
    ['a prototype', '[["__proto__",{}]]', 1002],
  ])('[F46] %s is a violation', (__, message, code) => {
    expect(closeOf(decode(message, MAX))).toBe(code)
  })

  test('unknown fields and frames that begin with x- are ignored', () => {
    const known = examples[0] as (typeof examples)[number]
    const message = JSON.stringify([
      ['x-later', 1],
      [known[0], { ...known[1], later: 1 }],
    ])
    expect(decode(message, MAX)).toEqual({ ok: true, frames: [known] })
  })
})
