/**
 * Owns the form in which an operation travels: whole, or as a tombstone that only settles its number.
 * Pure.
 */
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { type Item, sizeOf } from './lanes.js'

/** The wire's milliseconds end here; a life that is longer has weeks to be seen by the server. */
const TTL_MAX = 2 ** 31 - 1

/** The most characters that the frame can take: escaping at most doubles a text. */
export function lengthOf({ operation }: Item): number {
  const { lane, key, type, channel = '', payload = '' } = operation
  return 2 * (lane.length + key.length + type.length + channel.length + payload.length) + 200
}

export function toFrame(item: Item, payloadLimit: number, now: number): UpBody<'op'> {
  const { lane, number, key, type, channel, payload, withdrawn } = item.operation
  if (!number) throw new Error('an operation travels only with its number')
  const head = { lane, ...number, key, type, ...(channel !== undefined && { channel }) }
  // Once sent, then refused by a smaller limit: settle its number, or the lane waits for ever (F28).
  if (withdrawn || sizeOf(item.operation) > payloadLimit) return { ...head, withdrawn: true }
  const left = item.expiresAt - now
  return {
    ...head,
    ...(payload !== undefined && { payload }),
    ...(left !== Infinity && { ttl: Math.min(Math.max(0, Math.ceil(left)), TTL_MAX) }),
  }
}
