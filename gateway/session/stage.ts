/**
 * Owns the stage for session tests: a real switchboard on a log in memory and a virtual clock, and
 * actors that speak frames. The log can be told to fail or to hold its breath.
 */
import type { Epoch, EventId } from '../../protocol/ids.js'
import { decodeDown } from '../../protocol/wire/codec.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import { MESSAGE_MAX } from '../../protocol/wire/limits.js'
import type { Log } from '../log/log.js'
import { openSqliteLog } from '../log/sqlite-log.js'
import type { ConnectionRequest } from '../operations/operations.js'
import { createSwitchboard, type Switchboard, type SwitchboardOptions } from '../switchboard.js'
import {
  createVirtualClock,
  createVirtualRandom,
  createVirtualSocket,
  settled,
  type VirtualClock,
  type VirtualSocket,
} from '../virtual-environment.js'

export interface Stage {
  readonly clock: VirtualClock
  readonly random: ReturnType<typeof createVirtualRandom>
  readonly switchboard: Switchboard
  readonly log: Log
  readonly faults: Faults
  /** A socket that has said nothing yet. */
  connect(request?: Partial<ConnectionRequest>): Actor
  /** A client that has been welcomed, or refused. */
  enter(hello?: Partial<UpBody<'hello'>>): Promise<Actor>
  publish(channel: string, ...payloads: unknown[]): Promise<void>
  close(): Promise<void>
}

export interface Faults {
  /** So many of the next commits fail. */
  commits: number
  /** While set, reads, tails and lane look-ups fail. */
  reads: boolean
  /** While set, reads wait for it. */
  readGate: Promise<void> | undefined
}

export interface Actor {
  readonly socket: VirtualSocket
  say(...frames: UpFrame[]): Promise<void>
  /** What no client should send. */
  raw(message: unknown): Promise<void>
  /** The TCP connection is gone. */
  cut(): Promise<void>
  /** The payloads of a channel's events so far, checked to join without a hole from the answer on. */
  heard(channel: string): string[]
}

export interface StageOptions
  extends Partial<Omit<SwitchboardOptions, 'log' | 'clock' | 'random'>> {
  readonly retain?: number
  /** Where the log lives; default: in memory. */
  readonly file?: string
  readonly keysMs?: number
  /** How much later than on other stages the play begins, for the log. */
  readonly laterMs?: number
}

export const HELLO: UpBody<'hello'> = {
  versions: [1],
  features: [],
  client: 'ann' as UpBody<'hello'>['client'],
  connection: 1,
  channels: [],
  lanes: [],
  credit: 1_000,
}

export const at = (id: string, epoch?: string) => ({
  id: id as EventId,
  ...(epoch !== undefined && { epoch: epoch as Epoch }),
})

/** An operation of the lane `board`; without a type, a publish to the channel `board`. */
export function op(seq: number, changes: Partial<UpBody<'op'>> = {}): UpFrame {
  const lane = changes.lane ?? 'board'
  const key = `${lane}-${changes.epoch ?? 1}-${seq}` as UpBody<'op'>['key']
  const body = { lane, epoch: 1, seq, key, type: 'publish', channel: 'board', payload: `${seq}` }
  return ['op', { ...body, ...changes }]
}

export async function createStage(given: StageOptions = {}): Promise<Stage> {
  const { retain, keysMs, file = ':memory:', laterMs = 0, ...options } = given
  const clock = createVirtualClock()
  const random = createVirtualRandom()
  const faults: Faults = { commits: 0, reads: false, readGate: undefined }
  const now = (): number => clock.wall() + laterMs
  const environment = { now, turn: queueMicrotask, newEpoch: () => 'epoch' }
  const log = withFaults(await openSqliteLog({ file, retain, keysMs, environment }), faults)
  const switchboard = createSwitchboard({ ...options, log, clock, random })
  let connections = 0

  function connect(request: Partial<ConnectionRequest> = {}): Actor {
    const socket = createVirtualSocket((code) => queueMicrotask(() => connection.closed(code)))
    const connection = switchboard.connect(socket, { url: '/line', headers: {}, ...request })
    const raw = (message: unknown): Promise<void> => {
      connection.receive(message)
      return settled()
    }
    return {
      socket,
      raw,
      say: (...frames) => raw(JSON.stringify(frames)),
      cut() {
        connection.closed(1006)
        return settled()
      },
      heard: (channel) => heard(socket, channel),
    }
  }

  return {
    clock,
    random,
    switchboard,
    log,
    faults,
    connect,
    async enter(hello = {}) {
      const actor = connect()
      connections += 1
      await actor.say(['hello', { ...HELLO, connection: connections, ...hello }])
      return actor
    },
    async publish(channel, ...payloads) {
      await Promise.all(payloads.map((payload) => switchboard.publish(channel, payload)))
    },
    async close() {
      switchboard.close()
      await settled()
      await log.close()
    },
  }
}

function withFaults(log: Log, faults: Faults): Log {
  const look = async <Value>(act: () => Promise<Value>): Promise<Value> => {
    await faults.readGate
    if (faults.reads) throw new Error('the disk does not answer')
    return act()
  }
  return {
    ...log,
    commit(author, effect) {
      if (faults.commits === 0) return log.commit(author, effect)
      faults.commits -= 1
      return Promise.reject(new Error('the disk is full'))
    },
    read: (...wanted) => look(() => log.read(...wanted)),
    tail: (...wanted) => look(() => log.tail(...wanted)),
    lanes: (...wanted) => look(() => log.lanes(...wanted)),
  }
}

function heard(socket: VirtualSocket, channel: string): string[] {
  const payloads: string[] = []
  let position: string | undefined
  for (const message of socket.messages) {
    const decoded = decodeDown(message, MESSAGE_MAX)
    if (!decoded.ok) throw new Error(decoded.violation.why)
    for (const [type, body] of decoded.frames) {
      const answers = type === 'welcome' ? body.channels : type === 'subscribed' ? [body] : []
      for (const answer of answers) {
        if (answer.channel === channel && answer.state !== 'denied') position = answer.id
      }
      if (type === 'gap' && body.channel === channel) position = body.id
      if (type !== 'events' || body.channel !== channel) continue
      if (body.after !== position) throw new Error(`a hole: at ${position}, got ${body.after}`)
      position = body.events.at(-1)?.[0]
      payloads.push(...body.events.map(([, payload]) => payload))
    }
  }
  return payloads
}
