/**
 * Owns the border between an app's values and JSON text. What JSON would silently drop or distort
 * is an error here, where the caller can still see it, not a hole on the other side.
 */
import { PartylineError } from '../protocol/errors.js'
import { SEPARATOR } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'

/** The JSON text of a payload; nothing for nothing. */
export function toText(payload: unknown): string | undefined {
  if (payload === undefined) return undefined
  try {
    return JSON.stringify(payload, (key, value: unknown) => {
      if (
        typeof value === 'function' ||
        typeof value === 'symbol' ||
        value instanceof Map ||
        value instanceof Set
      ) {
        throw new TypeError(`"${key}" is a ${value.constructor.name}`)
      }
      return value
    })
  } catch (cause) {
    throw new PartylineError(pageError('not-json', { at: (cause as Error).message }), { cause })
  }
}

export interface Opened {
  readonly payload?: unknown
  /** Why it could not be opened. */
  readonly cause?: unknown
}

/** Opens a batch: in one parse if it can be, one by one if one of them is not JSON. */
export function openAll(payloads: string, count: number): readonly Opened[] {
  try {
    const all: unknown[] = JSON.parse(`[${payloads.replaceAll(SEPARATOR, ',')}]`)
    if (all.length === count) return all.map((payload) => ({ payload }))
  } catch {}
  return payloads.split(SEPARATOR).map((text) => {
    try {
      return { payload: JSON.parse(text) }
    } catch (cause) {
      return { cause }
    }
  })
}
