/**
 * Owns what a server may say: one schema a frame, the types inferred from them.
 *
 * The whole downward half of the conversation is on this page; docs/PROTOCOL.md says what each means.
 */
import * as v from 'valibot'
import * as f from './fields.js'
import { EVENTS_MAX, HELLO_MAX } from './limits.js'

export const gapReason = v.picklist(['trimmed', 'epoch', 'ahead', 'slow'])

/**
 * The answer to one subscription. `id` is the position from which the server goes on: the client's
 * own (`ok`, `replay`) or the head (`gap`, or no cursor given). So a channel can be resumed before it
 * ever spoke.
 */
const answer = v.variant('state', [
  v.object({ channel: f.name, state: v.literal('ok'), epoch: f.epoch, id: f.eventId }),
  v.object({
    channel: f.name,
    state: v.literal('replay'),
    epoch: f.epoch,
    id: f.eventId,
    /** Where the channel stands: with this event the replay is over. */
    head: f.eventId,
  }),
  v.object({
    channel: f.name,
    state: v.literal('gap'),
    epoch: f.epoch,
    id: f.eventId,
    reason: gapReason,
  }),
  v.object({ channel: f.name, state: v.literal('denied'), why: v.optional(f.sentence) }),
])

const events = v.array(v.tuple([f.eventId, f.payload]))

/** One answer to a `fetch`. */
const page = v.variant('state', [
  v.object({
    id: f.count,
    state: v.literal('events'),
    epoch: f.epoch,
    /** The id that precedes the first event: the position that was asked for. */
    after: f.eventId,
    /** Empty: there is nothing after it. */
    events: v.pipe(events, v.maxLength(EVENTS_MAX)),
    more: v.boolean(),
  }),
  v.object({
    id: f.count,
    state: v.literal('gap'),
    epoch: f.epoch,
    /** The head. */
    head: f.eventId,
    reason: gapReason,
  }),
  v.object({ id: f.count, state: v.literal('denied'), why: v.optional(f.sentence) }),
])

export const down = {
  welcome: v.object({
    version: f.ordinal,
    features: v.pipe(v.array(f.name), v.maxLength(64)),
    session: f.name,
    resumed: v.boolean(),
    /** What others call this client, in `signal` and `presence`. */
    member: v.optional(f.name),
    limits: v.object({
      /** Operations in flight over all lanes. */
      window: f.ordinal,
      /** The longest payload of one operation, in characters. */
      payload: f.ordinal,
      /** The longest message this server reads, in characters. */
      message: f.ordinal,
      /** The most channels of one connection. */
      channels: f.ordinal,
      /** How long keys are remembered, in milliseconds; absent: as long as the lane is. */
      keys: v.optional(f.count),
    }),
    heartbeat: v.object({ interval: f.heartbeatMs, timeout: f.heartbeatMs }),
    channels: v.pipe(v.array(answer), v.maxLength(HELLO_MAX)),
    /** Per lane of the hello: the last operation that this server has settled. */
    lanes: v.pipe(
      v.array(v.object({ lane: f.name, epoch: f.ordinal, seq: f.count })),
      v.maxLength(HELLO_MAX),
    ),
    /** The server's wall clock in milliseconds: to show, never to reckon with. */
    time: f.count,
  }),
  subscribed: answer,
  events: v.object({
    channel: f.name,
    epoch: f.epoch,
    /** The id that precedes the first event here: what shows a gap, with any kind of id. */
    after: f.eventId,
    events: v.pipe(events, v.minLength(1), v.maxLength(EVENTS_MAX)),
  }),
  gap: v.object({ channel: f.name, epoch: f.epoch, id: f.eventId, reason: gapReason }),
  /** Cumulative: everything up to `seq` is settled and durable. */
  ack: v.object({
    lane: f.name,
    epoch: f.ordinal,
    seq: f.ordinal,
    results: v.optional(v.array(v.tuple([f.ordinal, f.payload]))),
  }),
  nack: v.object({
    lane: f.name,
    epoch: f.ordinal,
    seq: f.ordinal,
    verdict: v.picklist(['drop', 'retry', 'auth']),
    code: f.name,
    why: v.optional(f.sentence),
    after: v.optional(f.milliseconds),
    spread: v.optional(f.milliseconds),
  }),
  page,
  response: v.object({
    id: f.count,
    result: v.optional(f.payload),
    /** Absent: it worked. */
    error: v.optional(v.object({ code: f.name, why: v.optional(f.sentence) })),
  }),
  signal: v.object({ channel: f.name, member: v.optional(f.name), payload: f.payload }),
  presence: v.object({
    channel: f.name,
    /** Forget what was known before. */
    whole: v.boolean(),
    /** Who came, or shows another state. */
    members: v.pipe(
      v.array(v.object({ member: f.name, identity: v.optional(v.string()), state: f.payload })),
      v.maxLength(EVENTS_MAX),
    ),
    left: v.pipe(v.array(f.name), v.maxLength(EVENTS_MAX)),
  }),
  pong: v.object({ id: f.count }),
  'auth-needed': v.object({ within: f.milliseconds, why: v.optional(f.sentence) }),
  drain: v.object({
    in: f.milliseconds,
    spread: f.milliseconds,
    why: v.optional(f.sentence),
    url: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  }),
  bye: v.object({
    code: f.count,
    why: v.optional(f.sentence),
    after: v.optional(f.milliseconds),
    spread: v.optional(f.milliseconds),
  }),
} as const

export type DownType = keyof typeof down
export type DownBody<Type extends DownType> = v.InferOutput<(typeof down)[Type]>
export type DownFrame = { [Type in DownType]: readonly [Type, DownBody<Type>] }[DownType]
export type ChannelAnswer = v.InferOutput<typeof answer>
export type GapReason = v.InferOutput<typeof gapReason>
