/** The door `partyline/protocol`: for whoever writes a server, a dialect or a tool. */
export { type ErrorCode, type ErrorDetails, type ErrorInfo, PartylineError } from './errors.js'
export {
  type ClientId,
  type Cursor,
  type Epoch,
  type EventId,
  type Key,
  uuidv7,
} from './ids.js'
export { PROTOCOL, SUBPROTOCOL } from './version.js'
export { CLOSE, type Verdict, verdictOf } from './wire/close-codes.js'
export { type Decoded, decodeDown, decodeUp, encode, type Violation } from './wire/codec.js'
export {
  type ChannelAnswer,
  type DownBody,
  type DownFrame,
  type DownType,
  down,
  type GapReason,
} from './wire/frames-down.js'
export { type UpBody, type UpFrame, type UpType, up } from './wire/frames-up.js'
export * as limits from './wire/limits.js'
