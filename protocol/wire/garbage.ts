/**
 * Owns the rubbish that tests throw at either side of the wire (F46): random text, random JSON, and
 * well-formed messages with one thing wrong. The same seed makes the same rubbish.
 */
import fc from 'fast-check'

/** `models` are messages that the side would accept; some come out as they are. */
export function garbage(models: readonly unknown[], count: number, seed: number): unknown[] {
  const model = fc.constantFrom(...models)
  const anything = fc.jsonValue({ maxDepth: 4 })
  const type = fc.constantFrom(...models.flat().map((frame) => (frame as [string])[0]))
  const frame = fc.tuple(fc.oneof(type, fc.string()), anything)
  const message = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(model, fc.nat(), anything)
        .map(([whole, at, odd]) => mutate(whole, at, odd)),
    },
    { weight: 2, arbitrary: fc.array(frame, { maxLength: 4 }) },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: model },
  )
  const text = fc.oneof(
    { weight: 8, arbitrary: message.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: fc.tuple(message, fc.nat()).map(([value, at]) => cut(value, at)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.uint8Array() },
  )
  return fc.sample(text, { numRuns: count, seed })
}

/** Replaces one value, counted over the whole tree, or takes one away. */
function mutate(whole: unknown, at: number, odd: unknown): unknown {
  let left = at % sizeOf(whole)
  const visit = (value: unknown): unknown => {
    if (left-- === 0) return odd
    if (Array.isArray(value)) return value.map(visit)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visit(inner)]))
  }
  return visit(whole)
}

function sizeOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1
  return Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner), 1)
}

function cut(value: unknown, at: number): string {
  const text = JSON.stringify(value)
  return text.slice(0, at % (text.length + 1))
}
