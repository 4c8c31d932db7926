/** The door `partyline/gateway`: the Node server's side. */
export {
  createGateway,
  type Gateway,
  type GatewayOptions,
  type UpgradeSource,
} from './create-gateway.js'
export type { Logger } from './environment.js'
export type { Heartbeat, Limits } from './limits.js'
export type {
  Answer,
  Author,
  Effect,
  Log,
  LoggedEvent,
  Misnumbering,
  NewEvent,
  Page,
  Position,
  Settlement,
  Stretch,
  Watermark,
} from './log/log.js'
export { openSqliteLog, type SqliteLogOptions } from './log/sqlite-log.js'
export type {
  Authenticate,
  Authorize,
  Caller,
  ConnectionRequest,
  Operation,
  OperationContext,
  OperationEffect,
  Question,
} from './operations/operations.js'
export type { RequestContext, Responder } from './operations/requests.js'
export { Refusal } from './refusal.js'
export type { DrainOptions, Stats } from './switchboard.js'
export { Unauthorized } from './unauthorized.js'
