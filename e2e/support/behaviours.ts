/**
 * Owns the named behaviours of a scripted server: an honest one, and the ways to be otherwise. The
 * honest one is the protocol's server side in miniature, so that a spec can end well.
 */
import type { DownBody, DownFrame, Epoch, EventId, UpBody } from '../../protocol/index.js'
import type { Peer, Script } from './scripted-server.js'

/** What an honest server remembers from one connection to the next. */
export interface World {
  /** The payload of event n of the one channel has the id n + 1. */
  readonly events: string[]
  /** Operations that took effect, in that order. */
  readonly applied: UpBody<'op'>[]
  readonly settled: Map<string, number>
}

export const createWorld = (): World => ({ events: [], applied: [], settled: new Map() })

const EPOCH = 'e' as Epoch
const idOf = (count: number): EventId => String(count) as EventId

const LIMITS = { window: 100, payload: 1_000_000, message: 4_000_000, channels: 100 }

export const welcomeTo = (
  hello: UpBody<'hello'>,
  channels: DownBody<'welcome'>['channels'] = [],
): readonly ['welcome', DownBody<'welcome'>] => [
  'welcome',
  {
    version: hello.versions[0] ?? 1,
    features: [],
    session: 's',
    resumed: false,
    limits: LIMITS,
    heartbeat: { interval: 10_000, timeout: 10_000 },
    channels,
    lanes: [],
    time: 0,
  },
]

function answerTo({ channel, cursor }: UpBody<'subscribe'>, world: World) {
  const head = idOf(world.events.length)
  if (!cursor || cursor.id === head)
    return { channel, state: 'ok', epoch: EPOCH, id: head } as const
  return { channel, state: 'replay', epoch: EPOCH, id: cursor.id, head } as const
}

function replay({ channel, cursor }: UpBody<'subscribe'>, world: World, peer: Peer): void {
  const from = cursor ? Number(cursor.id) : world.events.length
  const events = world.events
    .slice(from)
    .map((payload, index) => [idOf(from + index + 1), payload] as [EventId, string])
  if (events.length) peer.say(['events', { channel, epoch: EPOCH, after: idOf(from), events }])
}

function apply(op: UpBody<'op'>, world: World, peer: Peer): void {
  const lane = `${op.lane}/${op.epoch}`
  const settled = world.settled.get(lane) ?? 0
  if (op.seq > settled) {
    world.applied.push(op)
    world.settled.set(lane, op.seq)
  }
  peer.say(['ack', { lane: op.lane, epoch: op.epoch, seq: op.seq, results: [[op.seq, '"done"']] }])
}

/** Keeps its side of the protocol. */
export const IS_HONEST =
  (world: World): Script =>
  ([type, body], peer) => {
    switch (type) {
      case 'hello':
        peer.say(
          welcomeTo(
            body,
            body.channels.map((subscription) => answerTo(subscription, world)),
          ),
        )
        for (const subscription of body.channels) replay(subscription, world, peer)
        return
      case 'subscribe':
        peer.say(['subscribed', answerTo(body, world)])
        return replay(body, world, peer)
      case 'op':
        return apply(body, world, peer)
      case 'ping':
        return peer.say(['pong', { id: body.id }])
    }
  }

/** Answers the hello with something else. */
export const GREETS_WITH =
  (...messages: (string | Uint8Array)[]): Script =>
  ([type], peer) => {
    if (type === 'hello') for (const message of messages) peer.send(message)
  }

/** Welcomes as it should, then says something else. */
export const WELCOMES_THEN =
  (...messages: (string | Uint8Array)[]): Script =>
  ([type, body], peer) => {
    if (type !== 'hello') return
    peer.say(welcomeTo(body))
    for (const message of messages) peer.send(message)
  }

/** Answers honestly, but sends the events of a replay torn, doubled, swapped or with holes. */
export const MUDDLES_EVENTS =
  (world: World, muddle: (events: readonly DownFrame[]) => readonly DownFrame[]): Script =>
  (frame, peer) => {
    const said: DownFrame[] = []
    IS_HONEST(world)(frame, { ...peer, say: (...frames) => said.push(...frames) })
    const singles = said.flatMap(oneByOne)
    const isEvents = ([type]: DownFrame): boolean => type === 'events'
    for (const each of singles.filter((each) => !isEvents(each))) peer.say(each)
    for (const each of muddle(singles.filter(isEvents))) peer.say(each)
  }

function oneByOne(frame: DownFrame): readonly DownFrame[] {
  if (frame[0] !== 'events') return [frame]
  let { after } = frame[1]
  return frame[1].events.map((event) => {
    const single: DownFrame = ['events', { ...frame[1], after, events: [event] }]
    after = event[0]
    return single
  })
}
