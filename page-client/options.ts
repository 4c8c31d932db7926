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

export function checkCount(option: string, count: number | undefined, max = Infinity): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= max)) return
  refuse(option, `a whole number from 1${max < Infinity ? ` to ${max}` : ''}`)
}

/** What a timer can wait. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

export function checkTimeout(ms: number | undefined): void {
  if (ms !== undefined && (ms < 1 || ms > TIMEOUT_MAX_MS)) refuse('timeout', 'milliseconds, from 1')
}

export function checkSignal(signal: AbortSignal | undefined): void {
  // Also null; and not `instanceof`, because it may come from another window.
  if (signal !== undefined && signal?.aborted === undefined) refuse('signal', 'an AbortSignal')
}

export function refuse(option: string, expected: string): never {
  throw new PartylineError(pageError('bad-option', { option, expected }))
}
