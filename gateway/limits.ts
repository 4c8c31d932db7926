/**
 * Owns every limit of the gateway (P14) with its default. What a client has to know of them it
 * learns in `welcome`; docs/PROTOCOL.md says what going over each costs.
 */
import { EVENTS_MAX, MESSAGE_MAX } from '../protocol/wire/limits.js'

export interface Limits {
  /** Operations of one connection in flight, over all lanes. */
  readonly window: number
  /** About how many characters of payload they may have; what comes on top is told to come again. */
  readonly windowChars: number
  /** The longest payload of one operation, in characters. */
  readonly payload: number
  /** The longest message that is read, in characters. */
  readonly message: number
  /** Channels of one connection. */
  readonly channels: number
  /** Milliseconds from the opening of a socket to its `hello`. */
  readonly helloMs: number
  /** Milliseconds that the app may take over one question or one operation. */
  readonly appMs: number
  /** Frames that may wait for the welcome. */
  readonly early: number
  /** Messages a second that a connection may send for long, and how many at once. */
  readonly messagesPerSecond: number
  readonly messageBurst: number
  /** Bytes unsent to a connection from which on no event is added. */
  readonly bufferedSoft: number
  /** Bytes unsent to a connection that end it. */
  readonly bufferedHard: number
  /** How long a connection may stay over `bufferedSoft`. */
  readonly slowMs: number
  /** Events in one frame, and about how many characters. */
  readonly frameEvents: number
  readonly frameChars: number
  /** Recent events of a channel kept in memory while it has subscribers. */
  readonly ringEvents: number
  readonly ringChars: number
  /** Events in one page that was fetched, and about how many characters. */
  readonly pageEvents: number
  readonly pageChars: number
  /** Requests of one connection that the app works on at once. */
  readonly requests: number
  /** The longest result of a request, in characters. */
  readonly response: number
  /** The longest payload of a signal, in characters. */
  readonly signal: number
  /** Signals a second that a connection may send for long, and how many at once. */
  readonly signalsPerSecond: number
  readonly signalBurst: number
  /** The longest state in presence, in characters. */
  readonly presence: number
  /** Members of a channel that watchers are told of. */
  readonly members: number
  /** How long a client whose connection was lost is still shown. */
  readonly graceMs: number
  /** How far apart changes of one channel's presence are told at least. */
  readonly presenceMs: number
  /** How long a client that left is remembered, and how many of them. */
  readonly sessionMs: number
  readonly sessions: number
}

export const DEFAULT_LIMITS: Limits = {
  window: 1_024,
  windowChars: 16 * 1024 * 1024,
  payload: 256 * 1024,
  message: 2 * 1024 * 1024,
  channels: 10_000,
  helloMs: 10_000,
  appMs: 30_000,
  early: 1_024,
  messagesPerSecond: 2_000,
  messageBurst: 10_000,
  bufferedSoft: 1024 * 1024,
  bufferedHard: 32 * 1024 * 1024,
  slowMs: 30_000,
  frameEvents: 1_000,
  frameChars: 1024 * 1024,
  ringEvents: 1_000,
  ringChars: 4 * 1024 * 1024,
  pageEvents: 1_000,
  pageChars: 256 * 1024,
  requests: 128,
  response: 1024 * 1024,
  signal: 4_096,
  signalsPerSecond: 100,
  signalBurst: 200,
  presence: 4_096,
  members: 1_000,
  graceMs: 10_000,
  presenceMs: 50,
  sessionMs: 300_000,
  sessions: 100_000,
}

export interface Heartbeat {
  /** How often a client has to be heard. */
  readonly intervalMs: number
  /** How long a client waits for the answer, and what the server grants beyond the interval. */
  readonly timeoutMs: number
}

export const DEFAULT_HEARTBEAT: Heartbeat = { intervalMs: 25_000, timeoutMs: 10_000 }

/** What JSON may make of one character inside a string, and room for the rest of a frame. */
const ESCAPED = 6
const ENVELOPE = 4_096

export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`limits.${name}: a positive integer, not ${value}`)
    }
  }
  // Else a payload within its limit could still close the socket, for ever (F28).
  if (limits.message < limits.payload * ESCAPED + ENVELOPE) {
    throw new TypeError(`limits.message: at least ${ESCAPED} × limits.payload + ${ENVELOPE}`)
  }
  if (limits.windowChars < limits.payload) {
    throw new TypeError('limits.windowChars: at least limits.payload')
  }
  const { payload, presence, frameChars, pageChars } = limits
  if ((Math.max(payload, presence) + Math.max(frameChars, pageChars)) * ESCAPED > MESSAGE_MAX) {
    throw new TypeError(
      `limits: events of payload and frameChars must fit ${MESSAGE_MAX} characters`,
    )
  }
  for (const name of ['response', 'signal'] as const) {
    if (limits[name] * ESCAPED + ENVELOPE > MESSAGE_MAX) {
      throw new TypeError(`limits.${name}: must fit ${MESSAGE_MAX} characters`)
    }
  }
  for (const name of ['frameEvents', 'pageEvents'] as const) {
    if (limits[name] > EVENTS_MAX) throw new TypeError(`limits.${name}: at most ${EVENTS_MAX}`)
  }
  return limits
}
