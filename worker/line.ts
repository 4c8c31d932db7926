/**
 * Owns the wiring of the line's rooms: connection, outbox, channels, consumers, requests, signals,
 * presence. Here the hello is written, every frame finds its room, and it is known what the server
 * offers (P1). It knows no tab: whoever listens is told through `LineEvents`.
 */
import type { LineOptions, Outcome } from '../protocol/port.js'
import type { LineState } from '../protocol/status.js'
import { PROTOCOL } from '../protocol/version.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import type { UpBody } from '../protocol/wire/frames-up.js'
import { createLineToken } from './auth/line-token.js'
import type { Tokens } from './auth/token-desk.js'
import { type Channels, createChannels } from './channels/channels.js'
import {
  type Consumers,
  type ConsumersOptions,
  createConsumers,
} from './channels/consumers/consumers.js'
import type { Clock, Random } from './clock.js'
import { type Connection, createConnection, type LineFrame } from './connection/connection.js'
import { createHealthDesk, type FetchStatus } from './connection/health.js'
import type { OpenSocket } from './connection/socket.js'
import { TIMING, type Timing } from './connection/timing.js'
import { watchSleep } from './connection/wake.js'
import { FEATURES, type Feature } from './features.js'
import { createOutbox, type Outbox } from './outbox/outbox.js'
import { createPresence, type Presence } from './presence/presence.js'
import { createRequests, type Requests } from './requests/requests.js'
import { createSignals, type Signals } from './signals/signals.js'
import type { Change, Loaded } from './storage/store.js'

export interface LineEvents {
  onState(state: LineState): void
  onOutcome(outcome: Outcome): void
  onOutbox(): void
  onParked: ConsumersOptions['onParked']
}

export interface LineDependencies extends LineEvents {
  readonly clock: Clock
  readonly random: Random
  readonly openSocket: OpenSocket
  /** Absent: nobody can be asked how the server is. */
  readonly fetchStatus?: FetchStatus | undefined
  readonly timing?: Partial<Timing> | undefined
  readonly options: LineOptions
  readonly loaded: Loaded
  write(changes: readonly Change[]): Promise<void>
  readonly tokens: Tokens
}

const OUTBOX_LIMITS = { operations: 1_000, bytes: 16 * 1024 * 1024, overflow: 'reject' } as const

export interface Line {
  readonly connection: Connection
  readonly outbox: Outbox
  readonly channels: Channels
  readonly consumers: Consumers
  readonly requests: Requests
  readonly signals: Signals
  readonly presence: Presence
  /** What the disk should have, as changes to an empty one. */
  snapshot(): readonly Change[]
  /** Resolves when the socket is gone, as far as that is known; nothing is sent after the call. */
  close(): Promise<void>
}

/** Connection numbers grow over all brokers of a database, as long as each opens fewer than this. */
const CONNECTIONS_PER_INCARNATION = 2 ** 32

export function createLine(dependencies: LineDependencies): Line {
  const { clock, random, openSocket, options, loaded, write } = dependencies
  let connections = loaded.incarnation * CONNECTIONS_PER_INCARNATION
  let session: string | undefined
  /** The last welcome: what holds until the next one. */
  let welcome: DownBody<'welcome'> | undefined
  const offers = (feature: Feature): boolean => welcome?.features.includes(feature) ?? false

  const { fetchStatus } = dependencies
  const { url, healthUrl, closeCodes, maxAttempts } = options
  const health =
    fetchStatus && healthUrl ? createHealthDesk({ clock, fetchStatus, url: healthUrl }) : undefined
  const timing = { ...TIMING, ...dependencies.timing }
  const connection = createConnection({
    clock,
    random,
    openSocket,
    url,
    rules: { timing, closeCodes, maxAttempts, hasHealth: health !== undefined },
    greet,
    hasNewToken: (by) => token.renewed(by),
    askHealth: async () => health?.ask() ?? 'silent',
    onWelcome: welcomed,
    onFrame: route,
    onLost() {
      token.lost()
      outbox.disconnected()
      channels.lost()
      requests.lost()
    },
    onChange: dependencies.onState,
  })
  const transmit = connection.send
  const token = createLineToken({
    clock,
    random,
    timing,
    tokens: dependencies.tokens,
    // On the same connection: a new token of the same identity is no new beginning (P13).
    show: (fresh) => transmit([['auth', { token: fresh }]]),
  })

  const outbox = createOutbox({
    clock,
    random,
    loaded,
    limits: { ...OUTBOX_LIMITS, ...options.outbox },
    write,
    transmit,
    onOutcome: dependencies.onOutcome,
    onChange: dependencies.onOutbox,
    onTokenNeeded: token.refresh,
  })
  const channels = createChannels({
    clock,
    cursors: loaded.cursors,
    histories: loaded.histories,
    write,
    transmit,
    isOnline: () => connection.isOnline,
    hasPages: () => offers('pages'),
    onViolation: connection.violate,
  })
  const consumers = createConsumers({
    clock,
    random,
    channels,
    positions: loaded.consumers,
    parked: loaded.parked,
    write,
    onParked: dependencies.onParked,
  })
  const shared = {
    clock,
    transmit,
    isOnline: () => connection.isOnline,
    self: () => welcome?.member,
  }
  const requests = createRequests({
    ...shared,
    isOffered: () => offers('requests'),
    payloadLimit: () => welcome?.limits.payload ?? 0,
    onTokenNeeded: token.refresh,
  })
  const signals = createSignals({
    ...shared,
    isOffered: () => offers('signals'),
    holdChannel: channels.hold,
  })
  const presence = createPresence({ ...shared, isOffered: () => offers('presence') })
  const stopWatch = watchSleep(clock, () => connection.suspect('woke'))

  async function greet(): Promise<UpBody<'hello'> | undefined> {
    connections += 1
    const connectionNumber = connections
    const who = await token.forHello()
    if (!who) return undefined
    return {
      versions: [PROTOCOL],
      features: [...FEATURES],
      client: loaded.client,
      connection: connectionNumber,
      ...(session !== undefined && { session }),
      ...who,
      lanes: outbox.lanes(),
      ...channels.hello(),
      ...presence.hello(),
    }
  }

  function welcomed(latest: DownBody<'welcome'>): void {
    welcome = latest
    session = latest.session
    token.accepted()
    for (const answer of latest.channels) channels.answered(answer)
    channels.welcomed(latest.limits.channels)
    outbox.connected(latest.limits, latest.lanes)
    presence.welcomed()
  }

  function route(frame: LineFrame): void {
    switch (frame[0]) {
      case 'events':
        return channels.received(frame[1])
      case 'subscribed':
        return channels.answered(frame[1])
      case 'gap':
        return channels.gapped(frame[1])
      case 'page':
        return channels.paged(frame[1])
      case 'response':
        return requests.responded(frame[1])
      case 'signal':
        return signals.heard(frame[1])
      case 'presence':
        return presence.told(frame[1])
      case 'ack':
        return outbox.acked(frame[1])
      case 'nack':
        return outbox.nacked(frame[1])
      case 'auth-needed':
        return void token.refresh(frame[1].within)
    }
  }

  return {
    connection,
    outbox,
    channels,
    consumers,
    requests,
    signals,
    presence,
    snapshot: () => [...outbox.snapshot(), ...channels.snapshot(), ...consumers.snapshot()],
    close() {
      stopWatch()
      const closed = connection.close()
      health?.close()
      token.close()
      outbox.close()
      consumers.close()
      channels.close()
      requests.close()
      signals.close()
      presence.close()
      return closed
    },
  }
}
