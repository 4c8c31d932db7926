/**
 * Owns the limits that the wire itself imposes on both sides (P14). What a server grants beyond
 * them (window, payload size) it says in `welcome.limits`.
 */

/** The longest name of a channel, lane, operation type or id, in UTF-16 code units. */
export const NAME_MAX = 256
/** The longest token in `hello` and `auth`. */
export const TOKEN_MAX = 16_384
/** The most channels, and the most lanes, that one `hello` names. */
export const HELLO_MAX = 10_000
/** The most frames in one WebSocket message. */
export const FRAMES_MAX = 10_000
/** The most events in one `events` frame. */
export const EVENTS_MAX = 10_000
/** The longest WebSocket message that a client has to accept, in characters. */
export const MESSAGE_MAX = 16 * 1024 * 1024
