/** Owns what every session of one gateway shares. Made in switchboard.ts; no behaviour. */
import type { Counters } from '../counters.js'
import type { Clock, Logger, Random } from '../environment.js'
import type { Hub } from '../hub/hub.js'
import type { SignalFan } from '../hub/signal-fan.js'
import type { Heartbeat, Limits } from '../limits.js'
import type { Log } from '../log/log.js'
import type { Decide } from '../operations/decide.js'
import type { Authenticate, Authorize } from '../operations/operations.js'
import type { Patience } from '../operations/patience.js'
import type { Responder } from '../operations/requests.js'
import type { Roster } from '../presence/roster.js'
import type { Clients } from './clients.js'

export interface Wiring {
  readonly log: Log
  readonly hub: Hub
  readonly fan: SignalFan
  readonly roster: Roster
  readonly clients: Clients
  readonly clock: Clock
  readonly random: Random
  readonly limits: Limits
  readonly heartbeat: Heartbeat
  readonly counters: Counters
  readonly logger: Logger
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly decide: Decide
  readonly requests: Readonly<Record<string, Responder>>
  readonly patience: Patience
}
