/**
 * Owns the gateway without its network: it alone knows all rooms and puts hub, clients and sessions
 * together on an injected log, clock and randomness. create-gateway.ts brings sockets; the simulation
 * brings its own.
 */
import type { Cursor, EventId } from '../protocol/ids.js'
import { CLOSE } from '../protocol/wire/close-codes.js'
import { type Counters, createCounters } from './counters.js'
import { type Clock, type Logger, type Random, type Socket, silent } from './environment.js'
import { createHub } from './hub/hub.js'
import { createSignalFan } from './hub/signal-fan.js'
import { DEFAULT_HEARTBEAT, type Heartbeat, type Limits, resolveLimits } from './limits.js'
import type { Log, Page, Position } from './log/log.js'
import { createDecide } from './operations/decide.js'
import { checkChannel, toJson } from './operations/json.js'
import type {
  Authenticate,
  Authorize,
  ConnectionRequest,
  Operation,
} from './operations/operations.js'
import { createPatience } from './operations/patience.js'
import type { Responder } from './operations/requests.js'
import { createRoster } from './presence/roster.js'
import { createClients } from './session/clients.js'
import { createSession, type Session } from './session/session.js'
import type { Wiring } from './session/wiring.js'

export interface SwitchboardOptions<Claims = unknown> {
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** Absent: everybody comes in, as the anonymous identity ''. */
  readonly authenticate?: Authenticate<Claims> | undefined
  /** Absent: everybody may do everything. */
  readonly authorize?: Authorize<Claims> | undefined
  readonly operations?: Readonly<Record<string, Operation<Claims>>> | undefined
  /** What answers a `line.request`, by type. */
  readonly requests?: Readonly<Record<string, Responder<Claims>>> | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly heartbeat?: Partial<Heartbeat> | undefined
  readonly logger?: Logger | undefined
}

export interface Switchboard {
  /** A socket has opened. While draining it is told to come later. */
  connect(socket: Socket, request: ConnectionRequest): Connection
  /** Appends an event of the server's own; resolves with its id when it is durable. */
  publish(channel: string, payload: unknown): Promise<EventId>
  /** Where a channel stands: what a snapshot has to name as its `at`. */
  position(channel: string): Promise<Cursor>
  read(channel: string, after: Position, limit: number): Promise<Page>
  stats(): Stats
  readonly isDraining: boolean
  /** Sends everybody away, spread out; resolves when the last has been told. */
  drain(options?: DrainOptions): Promise<void>
  close(): void
}

export interface Connection {
  receive(message: unknown): void
  closed(code: number): void
}

export interface Stats extends Readonly<Counters> {
  /** Open connections, and those of them that have been welcomed. */
  readonly sockets: number
  readonly connections: number
  readonly channels: number
  readonly subscribers: number
  /** Clients that are here or were here lately. */
  readonly clients: number
  /** Over all channels: who is shown to others, and who is told of them. */
  readonly members: number
  readonly watchers: number
}

export interface DrainOptions {
  /** Milliseconds until the first connection is closed. Default: 1,000. */
  readonly within?: number | undefined
  /** Over how long the closes are spread. Default: 4,000. */
  readonly spread?: number | undefined
  readonly why?: string | undefined
}

const FOREVER_MS = 2 ** 31 - 1

export function createSwitchboard<Claims>(given: SwitchboardOptions<Claims>): Switchboard {
  // Claims go from one function of the app to the others; what they are is not the gateway's business.
  const options = given as SwitchboardOptions
  const { log, clock, random, logger = silent, operations = {}, requests = {} } = options
  const { authenticate = () => ({ identity: '' }), authorize = () => true } = options
  const limits = resolveLimits(options.limits)
  const patience = createPatience(clock, limits.appMs)
  const heartbeat = resolveHeartbeat(options.heartbeat)
  const counters = createCounters()
  const hub = createHub(log, limits, (count) => {
    counters.events += count
  })
  const roster = createRoster(clock, limits)
  const clients = createClients({ clock, random, ...limits })
  const ask: Authorize = (question) => patience(authorize(question))
  const decide = createDecide({
    authorize: ask,
    operations,
    patience,
    payloadLimit: limits.payload,
  })
  const wiring: Wiring = {
    log,
    hub,
    fan: createSignalFan(),
    roster,
    clients,
    clock,
    random,
    limits,
    heartbeat,
    counters,
    logger,
    authenticate: (token, request) => patience(authenticate(token, request)),
    authorize: ask,
    decide,
    requests,
    patience,
  }
  const sessions = new Set<Session>()
  const departing = new Map<Session, () => void>()
  let draining: Promise<void> | undefined

  function leave(session: Session, code: number): void {
    if (!sessions.delete(session)) return
    session.ended()
    departing.get(session)?.()
    counters.closes[code] = (counters.closes[code] ?? 0) + 1
    logger('info', 'closed', { code })
  }

  function drain({ within = 1_000, spread = 4_000, why = 'restart' }: DrainOptions): Promise<void> {
    for (const session of sessions) session.drain({ in: within, spread, why })
    const waits = [...sessions].map(
      (session) =>
        new Promise<void>((resolve) => {
          const gone = (): void => {
            stop()
            departing.delete(session)
            resolve()
          }
          const stop = clock.after(Math.min(within + random.roll() * spread, FOREVER_MS), () => {
            session.bye(CLOSE.maintenance, why, { after: 0, spread })
            gone()
          })
          departing.set(session, gone)
        }),
    )
    return Promise.all(waits).then(() => undefined)
  }

  return {
    connect(socket, request) {
      counters.opened += 1
      const session = createSession(wiring, socket, request)
      sessions.add(session)
      if (draining) session.bye(CLOSE.maintenance, 'restart', { after: 1_000, spread: 4_000 })
      return {
        receive: (message) => session.receive(message),
        closed: (code) => leave(session, code),
      }
    },
    async publish(channel, payload) {
      return log.append(checkChannel(channel), toJson(payload, limits.payload))
    },
    position: (channel) => log.position(channel),
    read: (channel, after, limit) => log.read(channel, after, limit),
    stats() {
      let connections = 0
      for (const session of sessions) if (session.isWelcomed) connections += 1
      return {
        sockets: sessions.size,
        connections,
        ...hub.stats(),
        clients: clients.size,
        ...roster.stats(),
        ...counters,
        gaps: { ...counters.gaps },
        closes: { ...counters.closes },
      }
    },
    get isDraining() {
      return draining !== undefined
    },
    drain: (how = {}) => (draining ??= drain(how)),
    close() {
      for (const session of sessions) session.bye(CLOSE.goingAway, 'the server closes')
      hub.close()
      roster.close()
      clients.close()
    },
  }
}

function resolveHeartbeat(given: Partial<Heartbeat> = {}): Heartbeat {
  const heartbeat = { ...DEFAULT_HEARTBEAT, ...given }
  for (const [name, value] of Object.entries(heartbeat)) {
    if (!(value >= 50 && value <= FOREVER_MS / 2)) {
      throw new TypeError(`heartbeat.${name}: at least 50 milliseconds, not ${value}`)
    }
  }
  return heartbeat
}
