/**
 * Owns the field types that the frames of both directions are made of.
 *
 * A payload crosses the wire as JSON *text* in a string. So the broker parses the envelope once and
 * never the payload, hands the same text to every tab, and the gateway stores what it was given
 * (docs/DECISIONS.md, "Payloads are text").
 */
import * as v from 'valibot'
import type { ClientId, Epoch, EventId, Key } from '../ids.js'
import { NAME_MAX } from './limits.js'

const branded = <Brand extends string>(min: number) =>
  v.pipe(v.string(), v.minLength(min), v.maxLength(NAME_MAX)) as unknown as v.GenericSchema<
    string,
    Brand
  >

export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(NAME_MAX))
/** A server may call the position before the first event by the empty id. */
export const eventId = branded<EventId>(0)
export const epoch = branded<Epoch>(0)
export const clientId = branded<ClientId>(1)
export const key = branded<Key>(1)

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const ordinal = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
/** Bounded by what a timer can wait: a longer one would fire at once, in every engine. */
export const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 31 - 1))
/** A heartbeat faster than this is a mistake that would look like an attack. */
export const heartbeatMs = v.pipe(v.number(), v.minValue(50), v.maxValue(2 ** 31 - 1))

/** JSON text. Whether it *is* JSON is the business of whoever opens it. */
export const payload = v.string()
export const sentence = v.pipe(v.string(), v.maxLength(1024))
