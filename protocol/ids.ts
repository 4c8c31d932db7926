/**
 * Owns the names of things: branded strings, so that an event id never passes for an operation key.
 *
 * All ids but `Key` are opaque: nothing may be read from them, least of all an order.
 */
declare const brand: unique symbol
export interface Brand<Name extends string> {
  readonly [brand]: Name
}
type Branded<Name extends string> = string & Brand<Name>

/** One database of one browser profile: the author of operations. */
export type ClientId = Branded<'ClientId'>
/** One life of a broker. A tab that meets an unexpected one attaches again. */
export type InstanceId = Branded<'InstanceId'>
/** One attachment of a page; also the suffix of the lock that certifies its death. */
export type TabId = Branded<'TabId'>
/** The idempotency key of one operation. */
export type Key = Branded<'Key'>
/** One event within its channel, as the server named it. */
export type EventId = Branded<'EventId'>
/** One unbroken history of a channel. */
export type Epoch = Branded<'Epoch'>

/** A position in a channel: the last event seen, and the history that it belongs to. */
export interface Cursor {
  readonly epoch: Epoch
  readonly id: EventId
}

/**
 * A UUID version 7: 48 bits of time, then randomness. Keys made later sort later, which keeps the
 * server's unique index compact; nothing else may rely on it, because clocks are wrong.
 */
export function uuidv7(wallMs: number, random: () => number): string {
  const digit = (of: string): string => of.charAt(Math.floor(random() * of.length))
  let digits = `${Math.trunc(Math.max(0, wallMs)).toString(16).padStart(12, '0')}7`
  while (digits.length < 32) digits += digit(digits.length === 16 ? '89ab' : '0123456789abcdef')
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
