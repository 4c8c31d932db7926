/**
 * Owns what one tab has under way beside its subscriptions and operations: requests that are not
 * answered yet, events that it offers to handle, channels whose signals it hears, its part in presence.
 * All of it ends with the tab (P12).
 *
 * What a page gives is looked at here: a name that the wire cannot carry would cost every tab its
 * connection.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { BrokerSurface, Hello, PresenceWish, RequestReply } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { Offer } from '../channels/consumers/consumer.js'
import { badCount, badName } from '../names.js'
import { STATE_MAX } from '../presence/presence.js'
import type { Residence } from '../residence.js'
import type { Tab } from './tab.js'

export interface Errands
  extends Pick<
    BrokerSurface,
    | 'request'
    | 'cancel'
    | 'signal'
    | 'listen'
    | 'presence'
    | 'consume'
    | 'stopConsuming'
    | 'handled'
  > {
  /** `died`: what it was at may be what killed it. */
  close(how: 'left' | 'died'): void
}

export interface ErrandsOptions {
  readonly tab: Tab
  readonly residence: Pick<Residence, 'line' | 'withLine'>
}

/** The longest error of a handler, as JSON. */
const ERROR_MAX = 8_192

export function createErrands({ tab, residence }: ErrandsOptions): Errands {
  /** How each request is given up. */
  const asked = new Map<number, () => void>()
  /** How listening ends. */
  const ears = new Map<string, () => void>()
  /** How each part in presence ends. */
  const parts = new Map<string, () => void>()
  const offers = new Map<number, Offer>()
  let isClosed = false

  return {
    async request(id, request) {
      const line = residence.line
      if (isClosed || !line) return { ok: false, error: brokerError('offline', {}) }
      const { reply, cancel } = line.requests.ask(request)
      asked.set(id, cancel)
      return reply.finally(() => asked.delete(id))
    },

    cancel: (id) => asked.get(id)?.(),

    signal(channel, payload) {
      if (isClosed || badName('channel', channel) || typeof payload !== 'string') return
      residence.line?.signals.say(channel, payload, tab)
    },

    listen(channel, isOn) {
      if (badName('channel', channel)) return
      residence.withLine(({ signals }) => {
        if (isClosed || isOn === ears.has(channel)) return
        if (isOn) ears.set(channel, signals.listen(channel, tab))
        else {
          ears.get(channel)?.()
          ears.delete(channel)
        }
      })
    },

    presence(channel, wish) {
      if (badName('channel', channel) || (wish && !isPresentable(wish))) return
      residence.withLine(({ presence }) => {
        if (isClosed) return
        presence.wish(channel, tab, wish)
        if (wish) parts.set(channel, () => presence.wish(channel, tab, undefined))
        else parts.delete(channel)
      })
    },

    consume(consumption) {
      const { id, channel, name, maxAttempts, timeout } = consumption
      const error =
        badName('channel', channel) ??
        badName('name', name) ??
        badCount('maxAttempts', maxAttempts) ??
        badCount('timeout', timeout)
      if (error) return tab.push({ kind: 'denied', subscriptions: [id], error })
      residence.withLine(({ consumers }) => {
        if (isClosed || offers.has(id)) return
        offers.set(id, consumers.offer(consumption, tab))
      })
    },

    stopConsuming(id) {
      residence.withLine(() => {
        offers.get(id)?.end('left')
        offers.delete(id)
      })
    },

    handled(id, attempt, event, error) {
      offers.get(id)?.handled(attempt, event, error && readable(error))
    },

    close(how) {
      isClosed = true
      for (const offer of offers.values()) offer.end(how)
      offers.clear()
      for (const end of [...asked.values(), ...ears.values(), ...parts.values()]) end()
      for (const map of [asked, ears, parts]) map.clear()
    },
  }
}

/** Takes up what the tab brings along from an earlier broker. A page of before may not know of it. */
export function takeUp(errands: Errands, hello: Partial<Hello>): void {
  const { consumptions, listening, presence } = hello
  for (const consumption of consumptions ?? []) errands.consume(consumption)
  for (const channel of listening ?? []) errands.listen(channel, true)
  for (const [channel, wish] of presence ?? []) errands.presence(channel, wish)
}

/** What a reply becomes when the tab's identity has been signed out meanwhile. */
export function replyAfter(reply: RequestReply, refusal: ErrorInfo | undefined): RequestReply {
  return refusal && !reply.ok ? { ok: false, error: refusal } : reply
}

/** It may lie on the disk for long, and is shown in every tab. */
function readable(error: ErrorInfo): ErrorInfo {
  try {
    const isText = typeof error.code === 'string' && typeof error.message === 'string'
    if (isText && JSON.stringify(error).length <= ERROR_MAX) return error
  } catch {
    // A port carries what JSON does not.
  }
  return brokerError('failed', { reason: 'an error that cannot be kept' })
}

const isPresentable = ({ state }: PresenceWish): boolean =>
  state === undefined || (typeof state === 'string' && state.length <= STATE_MAX)
