/**
 * Owns a canonical text of the wire's schemas, for the test that pins them and the one that compares
 * docs/PROTOCOL.md with them. Reads what valibot keeps; knows no frame.
 */
interface Node {
  readonly type: string
  readonly kind?: string
  readonly entries?: Readonly<Record<string, Node>>
  readonly items?: readonly Node[]
  readonly item?: Node
  readonly options?: readonly unknown[]
  readonly wrapped?: Node
  readonly pipe?: readonly Node[]
  readonly key?: string
  readonly literal?: unknown
  readonly requirement?: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value

export function dumpSchema(schema: unknown): string {
  if (!isNode(schema)) return JSON.stringify(schema)
  const { type, entries, items, item, options, wrapped, pipe, key, literal, requirement } = schema
  const [, ...checks] = pipe ?? []
  const inside = [
    key,
    entries && `{${dumpEntries(entries)}}`,
    items?.map(dumpSchema).join(','),
    item && dumpSchema(item),
    options?.map(dumpSchema).join('|'),
    wrapped && dumpSchema(wrapped),
    literal !== undefined && JSON.stringify(literal),
    requirement !== undefined && typeof requirement !== 'function' && String(requirement),
  ].filter((part) => part !== undefined && part !== false)
  return [`${type}(${inside.join(';')})`, ...checks.map(dumpSchema)].join('&')
}

const dumpEntries = (entries: Readonly<Record<string, unknown>>): string =>
  Object.keys(entries)
    .sort()
    .map((name) => `${name}:${dumpSchema(entries[name])}`)
    .join(',')

export const dumpSchemas = (schemas: Readonly<Record<string, unknown>>): string =>
  Object.keys(schemas)
    .sort()
    .map((type) => `${type} ${dumpSchema(schemas[type])}`)
    .join('\n')

/** Every field name anywhere in a schema. */
export function fieldsOf(schema: unknown): Set<string> {
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (!isNode(node)) return
    for (const [name, inner] of Object.entries(node.entries ?? {})) {
      names.add(name)
      visit(inner)
    }
    for (const inner of [
      ...(node.items ?? []),
      ...(node.options ?? []),
      ...(node.pipe ?? []).slice(1),
    ]) {
      visit(inner)
    }
    visit(node.item)
    visit(node.wrapped)
  }
  visit(schema)
  return names
}
