/**
 * Owns the wiring of the line's rooms: connection, outbox, channels. Here the hello is written and
 * every frame finds its room (P1). It knows no tab: whoever listens is told through `LineEvents`.
 */
import type { InstanceId } from '../protocol/ids.js'
import type { LineOptions, Outcome } from '../protocol/port.js'
import type { LineState } from '../protocol/status.js'
import { PROTOCOL } from '../protocol/version.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import type { UpBody } from '../protocol/wire/frames-up.js'
import { type Channels, createChannels } from './channels/channels.js'
import type { Clock, Random } from './clock.js'
import { type Connection, createConnection, type LineFrame } from './connection/connection.js'
import type { OpenSocket } from './connection/socket.js'
import { TIMING, type Timing } from './connection/timing.js'
import { watchSleep } from './connection/wake.js'
import { createOutbox, type Outbox } from './outbox/outbox.js'
import type { Change, Loaded } from './storage/store.js'

export interface LineEvents {
  onState(state: LineState): void
  onOutcome(outcome: Outcome): void
  onOutbox(): void
}

export interface LineDependencies extends LineEvents {
  readonly clock: Clock
  readonly random: Random
  readonly openSocket: OpenSocket
  readonly timing?: Partial<Timing> | undefined
  readonly options: LineOptions
  readonly loaded: Loaded
  readonly instance: InstanceId
  write(changes: readonly Change[]): Promise<void>
  /** A token of a living tab, or nothing. */
  token(): Promise<string | undefined>
}

export interface Line {
  readonly connection: Connection
  readonly outbox: Outbox
  readonly channels: Channels
  close(): void
}

const OUTBOX_LIMITS = { operations: 1_000, bytes: 16 * 1024 * 1024 }
/** Connection numbers grow over all brokers of a database, as long as each opens fewer than this. */
const CONNECTIONS_PER_INCARNATION = 2 ** 32

export function createLine(dependencies: LineDependencies): Line {
  const { clock, random, openSocket, options, loaded, write } = dependencies
  let connections = loaded.incarnation * CONNECTIONS_PER_INCARNATION
  let session: string | undefined
  let token: string | undefined

  const connection = createConnection({
    clock,
    random,
    openSocket,
    url: options.url,
    rules: { timing: { ...TIMING, ...dependencies.timing }, closeCodes: options.closeCodes },
    greet,
    hasNewToken,
    onWelcome: welcomed,
    onFrame: route,
    onLost() {
      outbox.disconnected()
      channels.lost()
    },
    onChange: dependencies.onState,
  })
  const transmit = connection.send

  const outbox = createOutbox({
    clock,
    random,
    loaded,
    limits: {
      operations: options.outbox?.operations ?? OUTBOX_LIMITS.operations,
      bytes: options.outbox?.bytes ?? OUTBOX_LIMITS.bytes,
    },
    write,
    transmit,
    onOutcome: dependencies.onOutcome,
    onChange: dependencies.onOutbox,
  })
  const channels = createChannels({
    clock,
    cursors: loaded.cursors,
    write,
    transmit,
    isOnline: () => connection.isOnline,
    onViolation: connection.violate,
  })
  const stopWatch = watchSleep(clock, () => connection.suspect('woke'))

  async function greet(): Promise<UpBody<'hello'>> {
    connections += 1
    const connectionNumber = connections
    token = (await dependencies.token()) ?? token
    return {
      versions: [PROTOCOL],
      features: [],
      client: loaded.client,
      connection: connectionNumber,
      ...(session !== undefined && { session }),
      ...(token !== undefined && { auth: token }),
      lanes: outbox.lanes(),
      ...channels.hello(),
    }
  }

  async function hasNewToken(): Promise<boolean> {
    const fresh = await dependencies.token()
    return fresh !== undefined && fresh !== token
  }

  function welcomed(welcome: DownBody<'welcome'>): void {
    session = welcome.session
    for (const answer of welcome.channels) channels.answered(answer)
    channels.welcomed(welcome.limits.channels)
    outbox.connected(welcome.limits, welcome.lanes)
  }

  function route(frame: LineFrame): void {
    switch (frame[0]) {
      case 'events':
        return channels.received(frame[1])
      case 'subscribed':
        return channels.answered(frame[1])
      case 'gap':
        return channels.gapped(frame[1])
      case 'ack':
        return outbox.acked(frame[1])
      case 'nack':
        return outbox.nacked(frame[1])
      case 'auth-needed':
        return void dependencies.token().then((fresh) => {
          if (fresh === undefined) return
          token = fresh
          transmit([['auth', { token: fresh }]])
        })
    }
  }

  return {
    connection,
    outbox,
    channels,
    close() {
      stopWatch()
      connection.close()
      outbox.close()
      channels.close()
    },
  }
}
