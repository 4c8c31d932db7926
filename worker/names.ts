/**
 * Owns the check of names and places that pages give us. The wire ends the connection of whoever sends one that
 * it cannot carry, and the connection belongs to every tab: so it is refused here, alone (F46).
 */
import type { ErrorInfo } from '../protocol/errors.js'
import { brokerError } from '../protocol/sentences.js'
import { NAME_MAX } from '../protocol/wire/limits.js'

/** Lone surrogates and NUL: no database keeps them as they are. */
const UNSTORABLE = /\p{Surrogate}|\0/u
const EXPECTED = `1 to ${NAME_MAX} characters of well-formed Unicode`
/** The most events that a channel keeps. */
const HISTORY_MAX = 1_000
const PLACE = '"now", "last", or after a position: an id, perhaps with its epoch'

export function badName(option: string, given: unknown): ErrorInfo | undefined {
  const isFine =
    typeof given === 'string' && given !== '' && given.length <= NAME_MAX && !UNSTORABLE.test(given)
  return isFine ? undefined : brokerError('bad-option', { option, expected: EXPECTED })
}

export function badCount(option: string, given: unknown): ErrorInfo | undefined {
  const isFine = typeof given === 'number' && given >= 1
  return isFine ? undefined : brokerError('bad-option', { option, expected: 'a number from 1' })
}

export function badHistory(given: unknown): ErrorInfo | undefined {
  const isFine = Number.isInteger(given) && Number(given) >= 1 && Number(given) <= HISTORY_MAX
  if (given === undefined || isFine) return undefined
  return brokerError('bad-option', { option: 'history', expected: `1 to ${HISTORY_MAX}` })
}

/** Apps keep positions and fetch them with their snapshots, so they come as they come. */
export function badFrom(from: unknown): ErrorInfo | undefined {
  if (from === 'now' || from === 'last') return undefined
  const { after } = (from ?? {}) as { after?: { id?: unknown; epoch?: unknown } }
  const { id, epoch = '' } = after ?? {}
  // Both may be empty.
  const isOdd = [id, epoch].some((part) => part !== '' && badName('from', part))
  return isOdd ? brokerError('bad-option', { option: 'from', expected: PLACE }) : undefined
}
