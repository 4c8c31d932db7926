/**
 * Owns the text of what is shown and not kept, signals and the state of members: short, because it goes
 * to everybody at once (P14).
 */
import { PartylineError } from '../protocol/errors.js'
import { pageError } from '../protocol/sentences.js'
import { toText } from './payload.js'

const CHARACTERS_MAX = 4_096

export function toShortText(value: unknown): string {
  const text = toText(value) ?? 'null'
  const size = text.length
  if (size <= CHARACTERS_MAX) return text
  throw new PartylineError(pageError('too-large', { size, limit: CHARACTERS_MAX }))
}
