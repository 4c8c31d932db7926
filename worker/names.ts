/**
 * Owns the check of names that pages give us. The wire ends the connection of whoever sends one that
 * it cannot carry, and the connection belongs to every tab: so it is refused here, alone (F46).
 */
import type { ErrorInfo } from '../protocol/errors.js'
import { brokerError } from '../protocol/sentences.js'
import { NAME_MAX } from '../protocol/wire/limits.js'

/** Lone surrogates and NUL: no database keeps them as they are. */
const UNSTORABLE = /\p{Surrogate}|\0/u
const EXPECTED = `1 to ${NAME_MAX} characters of well-formed Unicode`

export function badName(option: string, given: unknown): ErrorInfo | undefined {
  const isFine =
    typeof given === 'string' && given !== '' && given.length <= NAME_MAX && !UNSTORABLE.test(given)
  return isFine ? undefined : brokerError('bad-option', { option, expected: EXPECTED })
}
