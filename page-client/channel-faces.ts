/**
 * Owns what an app holds in its hand as a channel: a name, and the rooms that know what to do with it.
 * Two of one name are one channel.
 */
import type { Channel, Delivery, SendOptions, SubscribeOptions } from './api.js'
import type { Consumptions } from './consumptions.js'
import { check, checkCount, checkSignal, checkTimeout, refuse } from './options.js'
import type { Presences } from './presence.js'
import type { Signals } from './signals.js'
import type { Subscriptions } from './subscriptions.js'
import type { Validators } from './validators.js'

export interface ChannelFacesOptions {
  readonly subscriptions: Pick<Subscriptions, 'add'>
  readonly consumptions: Pick<Consumptions, 'add'>
  readonly signals: Pick<Signals, 'send' | 'on'>
  readonly presences: Pick<Presences, 'of'>
  readonly validators: Pick<Validators, 'channel'>
  /** Throws when nothing may be asked of the line any more. */
  assertOpen(): void
  publish(channel: string, payload: unknown, options: SendOptions): Delivery
}

const SUBSCRIBE_OPTIONS = {
  from: 'string|object?',
  history: 'number?',
  onGap: 'function?',
  snapshot: 'function?',
  onSnapshot: 'function?',
  signal: 'object?',
}

const CONSUME_OPTIONS = {
  maxAttempts: 'number?',
  timeout: 'number?',
  onGap: 'function?',
  signal: 'object?',
}

const HISTORY_MAX = 1_000

export function createChannelFaces(options: ChannelFacesOptions) {
  const { subscriptions, consumptions, signals, presences, validators, assertOpen } = options

  return (name: string): Channel<never, never, never> => ({
    name,
    subscribe(handler, given = {}) {
      assertOpen()
      check({ handler }, { handler: 'function' })
      check(given, SUBSCRIBE_OPTIONS)
      checkSignal(given.signal)
      if (given.snapshot && !given.onSnapshot) refuse('onSnapshot', 'function')
      checkCount('history', given.history, HISTORY_MAX)
      if (given.history && (given.from ?? 'last') !== 'last') refuse('from', '"last", with history')
      const wishes = given as SubscribeOptions
      return subscriptions.add(name, handler, wishes, validators.channel(name))
    },
    consume(consumer, handler, given = {}) {
      assertOpen()
      check({ name: consumer, handler }, { name: 'string', handler: 'function' })
      check(given, CONSUME_OPTIONS)
      const { maxAttempts, timeout, signal } = given
      checkCount('maxAttempts', maxAttempts)
      checkTimeout(timeout)
      checkSignal(signal)
      return consumptions.add(name, consumer, handler, given, validators.channel(name))
    },
    publish: (payload, given = {}) => options.publish(name, payload, given) as Delivery<never>,
    signal(payload) {
      assertOpen()
      signals.send(name, payload)
    },
    onSignal(handler) {
      assertOpen()
      return signals.on(name, handler)
    },
    get presence() {
      return presences.of(name) as Channel<never, never, never>['presence']
    },
  })
}
