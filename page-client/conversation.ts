/**
 * Owns the composition of what a tab says and hears beside its operations: subscriptions, consumers,
 * signals, presence and requests. Each is told by the broker, says anew what it wants when there is another one,
 * and ends with the line; none of them keeps anything.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { Hello, News } from '../protocol/port.js'
import type { Channel, Delivery, RequestOptions, SendOptions } from './api.js'
import type { Attachment } from './attachment.js'
import { createChannelFaces } from './channel-faces.js'
import { createConsumptions } from './consumptions.js'
import type { PageEnvironment } from './environment.js'
import { isPromise } from './in-order.js'
import { createPresences } from './presence.js'
import type { RemoteBroker } from './remote-broker.js'
import { requestOf, resultOf } from './request.js'
import { createRequests } from './requests.js'
import { createSignals } from './signals.js'
import type { Told } from './subscriber.js'
import { createSubscriptions } from './subscriptions.js'
import type { Validators } from './validators.js'

type Heard = Told | Extract<News, { kind: 'consume' | 'signal' | 'presence' }>

export interface Conversation {
  channel(name: string): Channel<never, never, never>
  request(type: string, payload?: unknown, options?: RequestOptions): Promise<unknown>
  /** For a broker that does not know us yet. */
  hello(): Pick<Hello, 'subscriptions' | 'consumptions' | 'listening' | 'presence'>
  /** A broker has answered the hello. */
  answered(broker: RemoteBroker): void
  /** Returns what to wait for before this counts as taken. */
  take(news: Heard): Promise<unknown> | undefined
  /** The broker is gone, or another. */
  interrupt(): void
  /** There is no broker and none is coming. */
  fail(error: ErrorInfo): void
  end(why: ErrorInfo): void
}

export interface ConversationOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'now' | 'wall' | 'random'>
  readonly attachment: Pick<Attachment, 'broker' | 'isAnswered'>
  readonly validators: Validators
  /** Throws when nothing may be asked of the line any more. */
  assertOpen(): void
  /** Why there is no broker and none is coming. */
  failure(): ErrorInfo | undefined
  publish(channel: string, payload: unknown, options: SendOptions): Delivery
  onError(error: ErrorInfo, cause?: unknown): void
  /** What a watcher throws. */
  onThrow(cause: unknown): void
}

export function createConversation(options: ConversationOptions): Conversation {
  const { environment, attachment, validators, assertOpen, failure, onError } = options
  const broker = () => attachment.broker
  let lastId = 0
  const newId = (): number => ++lastId
  const subscriptions = createSubscriptions({
    environment,
    newId,
    onStart: (wanted) => void broker()?.subscribe(wanted),
    onStop: (id) => void broker()?.unsubscribe(id),
    onHush: (id) => void broker()?.hush(id),
    onError,
  })
  const consumptions = createConsumptions({ environment, newId, broker, onError })
  const requests = createRequests({
    environment,
    broker: () => (attachment.isAnswered ? broker() : undefined),
  })
  const signals = createSignals({ broker, onError })
  const presences = createPresences({ ...options, broker })

  return {
    channel: createChannelFaces({ ...options, subscriptions, consumptions, signals, presences }),
    async request(type, payload, given = {}) {
      assertOpen()
      const asked = requestOf(type, payload, given)
      const { payload: check, result } = validators.call('requests', type)
      const checked = check(payload)
      if (isPromise(checked)) await checked
      assertOpen()
      const none = failure()
      if (none) throw new PartylineError(none)
      return result(resultOf(type, await requests.ask(asked, given.signal)))
    },
    hello: () => ({
      subscriptions: subscriptions.wanted(),
      consumptions: consumptions.wanted(),
      listening: signals.listening(),
      presence: presences.wishes(),
    }),
    answered: requests.handOver,
    take(news) {
      if (news.kind === 'signal') signals.take(news)
      else if (news.kind === 'presence') presences.take(news)
      else if (news.kind === 'consume') return consumptions.take(news)
      else {
        consumptions.told(news)
        return subscriptions.take(news)
      }
      return undefined
    },
    interrupt() {
      requests.interrupt()
      consumptions.interrupt()
    },
    fail: requests.failAll,
    end(why) {
      subscriptions.clear()
      consumptions.clear()
      signals.clear()
      presences.clear()
      requests.failAll(why)
    },
  }
}
