/**
 * Owns the way from a schema of the wire to generated bodies that fit it, for tests: every field there
 * or not, every length and number within its bounds, the bounds themselves included. Reads what
 * valibot keeps; knows no frame, so that a new one is generated as soon as it has a schema.
 */
import fc from 'fast-check'

interface Node {
  readonly type: string
  readonly kind?: string
  readonly entries?: Readonly<Record<string, Node>>
  readonly items?: readonly Node[]
  readonly item?: Node
  readonly options?: readonly unknown[]
  readonly wrapped?: Node
  readonly pipe?: readonly Node[]
  readonly literal?: unknown
  readonly requirement?: unknown
}

/** Longer than this shows nothing new, unless the schema asks for it. */
const LENGTH = 4

export function bodyOf(schema: unknown): fc.Arbitrary<unknown> {
  const node = schema as Node
  const [, ...checks] = node.pipe ?? []
  const bound = (name: string, otherwise: number): number => {
    const found = checks.find(({ type }) => type === name)?.requirement
    return typeof found === 'number' ? found : otherwise
  }
  switch (node.type) {
    case 'object':
      return objectOf(node.entries ?? {})
    case 'variant':
      return fc.oneof(...(node.options ?? []).map(bodyOf))
    case 'array':
      return fc.array(bodyOf(node.item), {
        minLength: bound('min_length', 0),
        maxLength: Math.min(LENGTH, bound('max_length', LENGTH)),
      })
    case 'tuple':
      return fc.tuple(...(node.items ?? []).map(bodyOf))
    case 'picklist':
      return fc.constantFrom(...(node.options ?? []))
    case 'literal':
      return fc.constant(node.literal)
    case 'boolean':
      return fc.boolean()
    case 'string':
      return text(bound('min_length', 0), bound('max_length', Infinity))
    case 'number': {
      const isWhole = checks.some(({ type }) => type === 'safe_integer')
      return number(bound('min_value', -1e9), bound('max_value', Number.MAX_SAFE_INTEGER), isWhole)
    }
  }
  throw new Error(`a test does not know how to make a ${node.type}`)
}

function objectOf(entries: Readonly<Record<string, Node>>): fc.Arbitrary<unknown> {
  const names = Object.keys(entries)
  const requiredKeys = names.filter((name) => entries[name]?.type !== 'optional')
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  for (const name of names) fields[name] = bodyOf(entries[name]?.wrapped ?? entries[name])
  return fc.record(fields, { requiredKeys, noNullPrototype: true })
}

/** Lone surrogates, control characters and all: what JSON can say. */
function text(minLength: number, most: number): fc.Arbitrary<string> {
  const maxLength = Math.min(most, minLength + 12)
  const usual = fc
    .string({ unit: fc.oneof(fc.string({ unit: 'binary' }), loneSurrogate), minLength, maxLength })
    .map((long) => long.slice(0, most))
    .filter(({ length }) => length >= minLength)
  const names = fc
    .constantFrom('__proto__', 'constructor', '[["x"]]', '\u2028', '"', '\\')
    .filter(({ length }) => length <= most)
  const longest = fc.constant('x'.repeat(most === Infinity ? 2_000 : most))
  return fc.oneof({ weight: 6, arbitrary: usual }, names, longest)
}

const loneSurrogate = fc
  .integer({ min: 0xd800, max: 0xdfff })
  .map((unit) => String.fromCharCode(unit))

function number(min: number, max: number, isWhole: boolean): fc.Arbitrary<number> {
  const edges = fc.constantFrom(min, max)
  const inside = isWhole
    ? fc.integer({ min: Math.max(min, -(2 ** 31)), max: Math.min(max, 2 ** 31 - 1) })
    : fc.double({ min, max, noNaN: true }).map((value) => value + 0)
  return fc.oneof({ weight: 4, arbitrary: inside }, edges)
}
