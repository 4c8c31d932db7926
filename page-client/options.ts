/**
 * Owns the check of what a caller gives us: an unknown or misspelt option is an error at once, with
 * its name, instead of a default that nobody asked for.
 */
import { PartylineError } from '../protocol/errors.js'
import { pageError } from '../protocol/sentences.js'

/** `'string?'` is an optional string; several kinds are separated by `|`. */
export type Expected = Readonly<Record<string, string>>

export function check(given: object, expected: Expected): void {
  const known = Object.keys(expected).join(', ')
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(expected, option)) refuse(option, `one of: ${known}`)
  }
  for (const [option, kinds] of Object.entries(expected)) {
    const value = (given as Record<string, unknown>)[option]
    const kind = value === undefined ? '?' : typeof value
    if (!kinds.includes(kind)) refuse(option, kinds.replace('?', ' or nothing'))
    if (kind === 'number' && !Number.isFinite(value)) refuse(option, 'a finite number')
  }
}

export function refuse(option: string, expected: string): never {
  throw new PartylineError(pageError('bad-option', { option, expected }))
}
