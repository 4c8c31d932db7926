/**
 * Owns what a client may say: one schema a frame, the types inferred from them.
 *
 * The whole upward half of the conversation is on this page; docs/PROTOCOL.md says what each means.
 */
import * as v from 'valibot'
import * as f from './fields.js'
import { HELLO_MAX, TOKEN_MAX } from './limits.js'

const token = v.pipe(v.string(), v.maxLength(TOKEN_MAX))

/** Where the client stands in a channel; without an epoch it does not know which history it read. */
const position = v.object({ epoch: v.optional(f.epoch), id: f.eventId })
const subscription = v.object({ channel: f.name, cursor: v.optional(position) })

/** All that the client wants of a channel's presence; what it says replaces what it said before. */
const presence = v.object({
  channel: f.name,
  /** Whether it wants to be told who is there. */
  watch: v.boolean(),
  /** What the others are shown of it; absent: it is not there. */
  state: v.optional(f.payload),
})

export const up = {
  hello: v.object({
    versions: v.pipe(v.array(f.ordinal), v.minLength(1), v.maxLength(16)),
    features: v.pipe(v.array(f.name), v.maxLength(64)),
    client: f.clientId,
    /** Grows with every connection of this client; the server drops what an older one still says. */
    connection: f.ordinal,
    session: v.optional(f.name),
    auth: v.optional(token),
    channels: v.pipe(v.array(subscription), v.maxLength(HELLO_MAX)),
    /** Per lane the lowest operation not yet known to be settled; what is below may be forgotten. */
    lanes: v.pipe(
      v.array(v.object({ lane: f.name, epoch: f.ordinal, seq: f.ordinal })),
      v.maxLength(HELLO_MAX),
    ),
    presence: v.optional(v.pipe(v.array(presence), v.maxLength(HELLO_MAX))),
    credit: f.count,
  }),
  subscribe: subscription,
  unsubscribe: v.object({ channel: f.name }),
  op: v.object({
    lane: f.name,
    epoch: f.ordinal,
    seq: f.ordinal,
    key: f.key,
    type: f.name,
    channel: v.optional(f.name),
    payload: v.optional(f.payload),
    /** What is left of its life. Milliseconds, because clocks differ. */
    ttl: v.optional(f.milliseconds),
    /** A tombstone: sent before and given up since. Settle its number, do not apply it. */
    withdrawn: v.optional(v.literal(true)),
  }),
  /** One page of what came after a position, outside of any subscription. */
  fetch: v.object({ id: f.count, channel: f.name, cursor: position }),
  /** Not durable: answered once, by this connection or not at all. */
  request: v.object({
    id: f.count,
    type: f.name,
    channel: v.optional(f.name),
    payload: v.optional(f.payload),
    /** How long the client waits for the response. */
    timeout: v.optional(f.milliseconds),
  }),
  cancel: v.object({ id: f.count }),
  signal: v.object({ channel: f.name, payload: f.payload }),
  presence,
  credit: v.object({ events: f.ordinal }),
  ping: v.object({ id: f.count }),
  auth: v.object({ token }),
} as const

export type UpType = keyof typeof up
export type UpBody<Type extends UpType> = v.InferOutput<(typeof up)[Type]>
export type UpFrame = { [Type in UpType]: readonly [Type, UpBody<Type>] }[UpType]
