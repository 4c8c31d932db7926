/**
 * Owns the copies that go into a database and come out of it. What is plain is copied by hand, because a
 * simulation copies a great deal of it; the rest, and what cannot be copied, is the platform's business.
 */
export function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' || typeof value === 'symbol' ? structuredClone(value) : value
  }
  if (Array.isArray(value)) return value.map(clone)
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  const copy: Record<string, unknown> = {}
  for (const [name, own] of Object.entries(value)) copy[name] = clone(own)
  return copy
}
