/**
 * Owns when two records count as the same: they are JSON through and through. Where only the order of
 * fields differs they do not, which costs a write too many and nothing else.
 */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
