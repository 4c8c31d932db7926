/** The door `partyline`: what a page imports. */

export type { ErrorCode, ErrorDetails, ErrorInfo } from '../protocol/errors.js'
export { PartylineError } from '../protocol/errors.js'
export type { Cursor, EventId, Key } from '../protocol/ids.js'
export type { OutboxEntry, OutboxLimits, ParkedEvent } from '../protocol/port.js'
export type { Cause, Host, LineState, Status } from '../protocol/status.js'
export { describeStatus } from '../protocol/status.js'
export type * from './api.js'
export type { AppOf, AppTypes, Schemas, Untyped } from './app-types.js'
export { connect } from './connect.js'
export type { Readable } from './readable.js'
export type { StandardSchema } from './standard-schema.js'
