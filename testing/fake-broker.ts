/**
 * Owns a broker that does nothing by itself: it writes down what a page says, and answers when the
 * test says so.
 */
import type { RemoteBroker } from '../page-client/remote-broker.js'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import type { NewOperation, NewRequest, RequestReply } from '../protocol/port.js'

export interface FakeBroker {
  readonly remote: RemoteBroker
  /** What was handed over, oldest first. */
  readonly sent: NewOperation[]
  readonly discarded: Key[]
  readonly signOuts: string[]
  /** Everything else that was said, as calls, oldest first. */
  readonly calls: (readonly [name: string, ...given: unknown[]])[]
  readonly requests: (NewRequest & { readonly id: number })[]
  answerRequest(id: number, reply: RequestReply): Promise<void>
  /** Answers every handing over of that key that waits: stored, or why not. */
  answer(key: string, error?: ErrorInfo): Promise<void>
  answerSignOut(error?: ErrorInfo): Promise<void>
}

export const errorOf = (code: ErrorInfo['code']): ErrorInfo =>
  ({ code, details: {}, message: code }) as ErrorInfo

export function createFakeBroker(): FakeBroker {
  const sent: NewOperation[] = []
  const discarded: Key[] = []
  const signOuts: string[] = []
  const calls: FakeBroker['calls'] = []
  const requests: FakeBroker['requests'] = []
  const asked = new Map<number, (reply: RequestReply) => void>()
  const written =
    (name: string) =>
    async (...given: unknown[]): Promise<void> =>
      void calls.push([name, ...given])
  const waiting: { readonly key: string; answer(error: ErrorInfo | undefined): void }[] = []
  const answerAll = async (of: string, error: ErrorInfo | undefined): Promise<void> => {
    for (const { key, answer } of waiting.filter((one) => one.key === of)) {
      answer(error)
      waiting.splice(0, waiting.length, ...waiting.filter((one) => one.key !== key))
    }
    for (let i = 0; i < 10; i++) await null
  }
  const ask = (key: string): Promise<ErrorInfo | undefined> =>
    new Promise((answer) => waiting.push({ key, answer }))
  const remote: RemoteBroker = {
    hello: async () => ({ ok: true, instance: 'i1' as never }),
    ping: async () => 'i1' as never,
    goodbye: async () => {},
    send(operation) {
      sent.push(operation)
      return ask(operation.key)
    },
    subscribe: written('subscribe'),
    unsubscribe: written('unsubscribe'),
    hush: written('hush'),
    consume: written('consume'),
    stopConsuming: written('stopConsuming'),
    handled: written('handled'),
    unpark: async (key) => {
      calls.push(['unpark', key])
      return true
    },
    discardParked: async (key) => {
      calls.push(['discardParked', key])
      return true
    },
    visible: written('visible'),
    request(id, request) {
      requests.push({ id, ...request })
      return new Promise((answer) => asked.set(id, answer))
    },
    cancel: written('cancel'),
    signal: written('signal'),
    listen: written('listen'),
    presence: written('presence'),
    retry: async () => true,
    async discard(key) {
      discarded.push(key)
      return true
    },
    retryAll: async () => 2,
    signOut(outbox) {
      signOuts.push(outbox)
      return ask(' sign-out')
    },
    reconnect: async () => {},
    suspect: written('suspect'),
    pause: written('pause'),
    resume: written('resume'),
  }
  return {
    remote,
    sent,
    discarded,
    signOuts,
    calls,
    requests,
    async answerRequest(id, reply) {
      asked.get(id)?.(reply)
      for (let i = 0; i < 10; i++) await null
    },
    answer: answerAll,
    answerSignOut: (error) => answerAll(' sign-out', error),
  }
}
