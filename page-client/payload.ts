/**
 * Owns the border between an app's values and JSON text. What JSON would silently drop or distort
 * is an error here, where the caller can still see it, not a hole on the other side.
 */
import { PartylineError } from '../protocol/errors.js'
import { SEPARATOR } from '../protocol/port.js'

/** The JSON text of a payload; nothing for nothing. */
export function toText(payload: unknown): string | undefined {
  if (payload === undefined) return undefined
  const fail = (at: string, cause?: unknown): never => {
    throw new PartylineError({ code: 'not-json', details: { at } }, { cause })
  }
  try {
    return JSON.stringify(payload, (key, value: unknown) => {
      const kind = typeof value
      if (
        kind === 'function' ||
        kind === 'symbol' ||
        value instanceof Map ||
        value instanceof Set
      ) {
        fail(`a ${kind === 'object' ? 'Map or Set' : kind} at "${key}"`)
      }
      return value
    })
  } catch (error) {
    if (error instanceof PartylineError) throw error
    return fail(error instanceof Error ? error.message : String(error), error)
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
