/**
 * Owns the answer to a hello: who it is, whether it is the newest, where each channel and lane
 * stands; all in one round trip (P6, P7). It starts nothing: the session does, once the welcome is out.
 */

import { PROTOCOL } from '../../protocol/version.js'
import { CLOSE } from '../../protocol/wire/close-codes.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import type { Log } from '../log/log.js'
import { isStorable } from '../log/text.js'
import type { Place } from './clients.js'
import type { Opened, Subscriptions } from './subscriptions.js'
import type { Wiring } from './wiring.js'

type Hello = UpBody<'hello'>

/** What this server can beyond the first page of the protocol. */
const FEATURES = ['pages', 'requests', 'signals', 'presence']

/** Why a hello cannot be answered, before anything is looked up. */
export function objectionTo(
  hello: Hello,
  limits: Wiring['limits'],
): [code: number, why: string] | undefined {
  if (!hello.versions.includes(PROTOCOL)) {
    return [CLOSE.protocolError, `this server speaks version ${PROTOCOL}`]
  }
  if (hello.channels.length > limits.channels) {
    return [CLOSE.policy, `more than ${limits.channels} channels`]
  }
  if (new Set(hello.channels.map(({ channel }) => channel)).size < hello.channels.length) {
    return [CLOSE.protocolError, 'hello names a channel twice']
  }
  if (!isStorable(hello.client) || !hello.lanes.every(({ lane }) => isStorable(lane))) {
    return [CLOSE.invalidPayload, 'a name with a lone surrogate or a NUL']
  }
  return undefined
}

export interface Greeting {
  readonly welcome: DownBody<'welcome'>
  readonly opened: readonly Opened[]
}

/** Rejects when the log or the app fails. */
export async function greet(
  hello: Hello,
  place: Place,
  subscriptions: Subscriptions,
  { log, limits, heartbeat, clock }: Wiring,
): Promise<Greeting> {
  const [lanes, opened] = await Promise.all([
    laneAnswers(log, place.author, hello.lanes),
    Promise.all(hello.channels.map((channel) => subscriptions.open(channel))),
  ])
  const { window, payload, message, channels } = limits
  const { keysMs: keys } = log
  const welcome: DownBody<'welcome'> = {
    version: PROTOCOL,
    features: FEATURES,
    session: place.session,
    resumed: place.isResumed,
    member: place.member,
    limits: { window, payload, message, channels, ...(keys !== undefined && { keys }) },
    heartbeat: { interval: heartbeat.intervalMs, timeout: heartbeat.timeoutMs },
    channels: opened.map(({ answer }) => answer),
    lanes,
    time: Math.round(clock.wall()),
  }
  return { welcome, opened }
}

async function laneAnswers(
  log: Log,
  author: string,
  declared: Hello['lanes'],
): Promise<DownBody<'welcome'>['lanes']> {
  const names = declared.map(({ lane }) => lane)
  const known = new Map((await log.lanes(author, names)).map((mark) => [mark.lane, mark]))
  return declared.map(({ lane, epoch, seq }) => {
    const mark = known.get(lane)
    if (!mark || mark.epoch < epoch) return { lane, epoch, seq: seq - 1 }
    if (mark.epoch > epoch) return mark
    return { lane, epoch, seq: Math.max(mark.seq, seq - 1) }
  })
}
