import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyOf } from './arbitrary.js'
import { decodeDown, decodeUp, encode } from './codec.js'
import { down } from './frames-down.js'
import { up } from './frames-up.js'
import { FRAMES_MAX, MESSAGE_MAX } from './limits.js'

const RUNS = 2_000
const CLOSES = [1002, 1003, 1007, 1009]

/** What a text may become on its way through a broken client, or in the hands of a hostile one. */
interface Edit {
  readonly kind: 'drop' | 'double' | 'insert' | 'swap'
  readonly at: number
  readonly length: number
  readonly text: string
}

const TOKENS = [
  ...['[', ']', '{', '}', '"', ',', ':', '\\', '\0', '\ufeff', 'null', 'true', '-', '1e999', '-0'],
  ...['9007199254740993', '"__proto__":{"polluted":true},', '"constructor":{"prototype":{}},'],
  ...['["__proto__",{"polluted":true}],', '\\u0000', '\\ud800', '"'.repeat(9), '['.repeat(99)],
]

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'insert', 'swap'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 12 }),
  text: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: 'binary', maxLength: 3 })),
})

const edited = (whole: string, edits: readonly Edit[]): string => edits.reduce(changed, whole)

function changed(text: string, { kind, at, length, text: added }: Edit): string {
  const from = at % (text.length + 1)
  const before = text.slice(0, from)
  const part = text.slice(from, from + length)
  const after = text.slice(from + length)
  switch (kind) {
    case 'drop':
      return before + after
    case 'double':
      return before + part + part + after
    case 'insert':
      return before + added + part + after
    case 'swap':
      return after.slice(0, length) + before + part + after.slice(length)
  }
}

/** Every object of it is a plain one, and has nothing of its own that would make it another. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false
  return !Object.hasOwn(value, '__proto__') && Object.values(value).every(isPlain)
}

describe.each([
  ['up', decodeUp, up],
  ['down', decodeDown, down],
] as const)('[F46] the codec %s', (_, decode, schemas) => {
  const frame = fc.oneof(
    ...Object.entries(schemas).map(([type, schema]) => fc.tuple(fc.constant(type), bodyOf(schema))),
  )
  const message = fc
    .array(frame, { minLength: 1, maxLength: 4 })
    .map((frames) => JSON.stringify(frames))
  const untouched = Object.getOwnPropertyNames(Object.prototype)

  test.each(Object.entries(schemas))('%s arrives as it was sent', (type, schema) => {
    const seen = new Set<string>()
    const travels = fc.property(bodyOf(schema), (body) => {
      const frames = [[type, body]] as never
      expect(decode(encode(frames), MESSAGE_MAX)).toEqual({ ok: true, frames })
      for (const name of Object.keys(body as object)) seen.add(name)
    })
    fc.assert(travels, { numRuns: RUNS / 10 })
    if ('entries' in schema) expect([...seen].sort()).toEqual(Object.keys(schema.entries).sort())
  })

  test(`${RUNS} texts with something wrong end in valid frames or in a close, and leave nothing behind`, () => {
    let violations = 0
    const survives = fc.property(
      message,
      fc.array(edit, { minLength: 1, maxLength: 5 }),
      (whole, edits) => {
        const decoded = decode(edited(whole, edits), MESSAGE_MAX)
        if (decoded.ok) {
          // What was let in is itself something that may be said.
          const again = decode(encode(decoded.frames as never), MESSAGE_MAX)
          expect(again).toEqual(decoded)
          expect(decoded.frames.every(isPlain)).toBe(true)
        } else {
          violations += 1
          expect(CLOSES).toContain(decoded.violation.close)
          expect(decoded.violation.why.length).toBeLessThan(600)
        }
      },
    )
    fc.assert(survives, { numRuns: RUNS })
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(untouched)
    expect(violations).toBeGreaterThan(RUNS / 4)
    expect(violations).toBeLessThan(RUNS)
  })

  test('names of every object, in any place of a frame, are no fields of it', () => {
    const anywhere = fc.property(frame, fc.nat(), (one, at) => {
      const whole = JSON.stringify([one])
      const places = [...whole.matchAll(/\{(?=")/g)].map(({ index }) => index + 1)
      const place = places[at % places.length]
      if (place === undefined) return
      const added = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'
      const decoded = decode(whole.slice(0, place) + added + whole.slice(place), MESSAGE_MAX)
      // A brace inside a payload's text is none, and breaks the text instead.
      if (decoded.ok) expect(decoded.frames).toEqual([one])
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    })
    fc.assert(anywhere, { numRuns: RUNS })
  })

  test.each<[string, string]>([
    ['nothing but brackets', '['.repeat(2_000_000)],
    ['a frame as deep as it goes', `[["ping",${'['.repeat(900_000)}${']'.repeat(900_000)}]]`],
    ['a number without an end', `[["ping",{"id":${'9'.repeat(2_000_000)}}]]`],
    ['one long text', `[["${'x'.repeat(2_000_000)}",{}]]`],
    ['escapes only', `[["x-${'\\u0041'.repeat(300_000)}",{}]]`],
    ['as many frames as there may be', JSON.stringify(Array(FRAMES_MAX).fill(['x-a', {}]))],
    ['a field a million times', `[["ping",{${'"id":1,'.repeat(300_000)}"id":2}]]`],
    ['fields that nobody knows', `[["x-a",{${fields(200_000)}}],["ping",{${fields(200_000)}}]]`],
  ])('[P14] %s costs no more than it weighs', (__, text) => {
    const before = process.cpuUsage()
    const decoded = decode(text, MESSAGE_MAX)
    const { user } = process.cpuUsage(before)
    if (!decoded.ok) expect(CLOSES).toContain(decoded.violation.close)
    // A tenth of a second is usual; what is not in proportion to the length takes minutes.
    expect(user / 1e6).toBeLessThan(5)
  })
})

function fields(count: number): string {
  return Array.from({ length: count }, (_, index) => `"f${index}":${index}`).join(',')
}
