/**
 * Owns what one tab has under way beside its subscriptions and operations: requests that are not
 * answered yet, channels whose signals it hears, its part in presence. All of it ends with the tab (P12).
 *
 * What a page gives is looked at here: a name that the wire cannot carry would cost every tab its
 * connection.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { BrokerSurface, Hello, PresenceWish, RequestReply } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import { badName } from '../names.js'
import { STATE_MAX } from '../presence/presence.js'
import type { Residence } from '../residence.js'
import type { Tab } from './tab.js'

export interface Errands
  extends Pick<BrokerSurface, 'request' | 'cancel' | 'signal' | 'listen' | 'presence'> {
  close(): void
}

export interface ErrandsOptions {
  readonly tab: Tab
  readonly residence: Pick<Residence, 'line' | 'withLine'>
}

export function createErrands({ tab, residence }: ErrandsOptions): Errands {
  /** How each request is given up. */
  const asked = new Map<number, () => void>()
  /** How listening ends. */
  const ears = new Map<string, () => void>()
  /** How each part in presence ends. */
  const parts = new Map<string, () => void>()
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

    close() {
      isClosed = true
      for (const end of [...asked.values(), ...ears.values(), ...parts.values()]) end()
      for (const map of [asked, ears, parts]) map.clear()
    },
  }
}

/** Takes up what the tab brings along from an earlier broker. A page of before may not know of it. */
export function takeUp(errands: Errands, { listening, presence }: Partial<Hello>): void {
  for (const channel of listening ?? []) errands.listen(channel, true)
  for (const [channel, wish] of presence ?? []) errands.presence(channel, wish)
}

/** What a reply becomes when the tab's identity has been signed out meanwhile. */
export function replyAfter(reply: RequestReply, refusal: ErrorInfo | undefined): RequestReply {
  return refusal && !reply.ok ? { ok: false, error: refusal } : reply
}

const isPresentable = ({ state }: PresenceWish): boolean =>
  state === undefined || (typeof state === 'string' && state.length <= STATE_MAX)
