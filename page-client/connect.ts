/**
 * Owns the composition of the page client: checks what it is given, ties this tab to its broker, and
 * hands every piece of news to the room it belongs to. The page's whole knowledge of the line is
 * what the broker tells it (P9).
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import { type Key, uuidv7 } from '../protocol/ids.js'
import { lineName } from '../protocol/line-name.js'
import type { LineOptions, News, OutboxEntry, Parcel } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { Status } from '../protocol/status.js'
import type { Channel, ConnectOptions, Delivery, Line, Outbox, SendOptions } from './api.js'
import { createAttachment } from './attachment.js'
import { createDeliveries } from './deliveries.js'
import { type PageEnvironment, realEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import { check, refuse } from './options.js'
import { toText } from './payload.js'
import { createReadable } from './readable.js'
import { createSubscriptions } from './subscriptions.js'

const OPTIONS = {
  url: 'string|object',
  worker: 'string|object|function?',
  identity: 'string?',
  auth: 'function?',
  durability: 'string?',
  outbox: 'object?',
  closeCodes: 'object?',
  onError: 'function?',
}
const SEND_OPTIONS = { lane: 'string?', key: 'string?' }
const SUBSCRIBE_OPTIONS = { from: 'string|object?', onGap: 'function?' }

export const connect = (options: ConnectOptions): Line => open(options, realEnvironment())

/** `connect` with its surroundings given: for tests. */
export function open(options: ConnectOptions, environment: PageEnvironment): Line {
  check(options, OPTIONS)
  const { worker, auth, onError, durability, outbox: limits, closeCodes, identity } = options
  const { openWorker, report: complain } = environment
  if (!openWorker) throw new PartylineError(pageError('no-shared-worker', {}))
  const url = socketUrl(options.url, environment.baseUrl)
  const lineOptions: LineOptions = { url, identity, durability, outbox: limits, closeCodes }
  const name = lineName(lineOptions)

  const status = createReadable<Status>(
    {
      state: 'connecting',
      attempt: 0,
      queued: 0,
      tabs: 1,
      host: 'shared-worker',
      storage: 'disk',
    },
    complain,
  )
  const entries = createReadable<readonly OutboxEntry[]>([], complain)
  const deliveries = createDeliveries()
  const subscriptions = createSubscriptions((id) => attachment.broker?.unsubscribe(id), report)
  let isClosed = false
  /** Why there is no broker and none is coming. */
  let failure: ErrorInfo | undefined

  function report(info: ErrorInfo, cause?: unknown): void {
    const error = new PartylineError(info, { cause })
    guarded(() => (onError ?? complain)(error), complain)
  }

  const attachment = createAttachment({
    environment,
    lineName: name,
    workerUrl: typeof worker === 'function' ? 'of your function' : `${worker ?? 'worker.js'}`,
    openWorker() {
      const request = { type: 'module', name, extendedLifetime: true } as const
      return typeof worker === 'function' ? worker(request) : openWorker(worker, request)
    },
    hello: () => ({ line: lineOptions, subscriptions: subscriptions.wanted() }),
    take,
    token: async () => auth?.(),
    onAttached(broker) {
      failure = undefined
      deliveries.handOver(broker)
    },
    onFailed(error, cause) {
      failure = error
      const { queued, tabs, host, storage } = status.value
      const why = error.code === 'contract-mismatch' ? 'superseded' : 'fatal'
      status.set({ state: 'stopped', cause: why, error, queued, tabs, host, storage })
      deliveries.failAll(error)
      report(error, cause)
    },
  })

  function take({ news }: Parcel): void {
    for (const piece of news) {
      switch (piece.kind) {
        case 'status':
          status.set(piece.status)
          break
        case 'outbox':
          entries.set(merge(entries.value, piece))
          break
        case 'outcomes':
          piece.outcomes.forEach(deliveries.settle)
          break
        default:
          subscriptions.take(piece)
      }
    }
  }

  const stopListening = environment.listen({
    hidden: attachment.detach,
    shown: attachment.attach,
    visible: () => attachment.broker?.suspect('visible'),
    online: () => attachment.broker?.suspect('online'),
  })

  function assertOpen(): void {
    if (isClosed) throw new PartylineError(pageError('closed', {}))
  }

  function send(type: string, payload: unknown, given: SendOptions, channel?: string): Delivery {
    assertOpen()
    check(given, SEND_OPTIONS)
    const text = toText(payload)
    const key = (given.key ?? uuidv7(environment.wall(), environment.random)) as Key
    const operation = {
      key,
      lane: given.lane ?? channel ?? type,
      type,
      ...(channel !== undefined && { channel }),
      ...(text !== undefined && { payload: text }),
    }
    const delivery = deliveries.add(operation, attachment.broker)
    if (failure) deliveries.failAll(failure)
    return delivery
  }

  function channel<Payload>(channelName: string): Channel<Payload> {
    return {
      name: channelName,
      subscribe(handler, given = {}) {
        assertOpen()
        check(given, SUBSCRIBE_OPTIONS)
        const { wanted, handle } = subscriptions.add(channelName, handler, given)
        attachment.broker?.subscribe(wanted)
        return handle
      },
      publish: (payload, given = {}) =>
        send('publish', payload, given, channelName) as ReturnType<Channel<Payload>['publish']>,
    }
  }

  const outbox: Outbox = {
    get value() {
      return entries.value
    },
    subscribe: entries.subscribe,
    retry: async (key) => (await attachment.broker?.retry(key)) ?? false,
    discard: async (key) => (await attachment.broker?.discard(key)) ?? false,
  }

  function close(): void {
    if (isClosed) return
    isClosed = true
    stopListening()
    attachment.detach()
    subscriptions.clear()
    deliveries.failAll(pageError('closed', {}))
  }

  attachment.attach()

  return {
    status,
    outbox,
    channel,
    send: (type, payload, given = {}) => send(type, payload, given) as Delivery<never>,
    reconnect() {
      if (attachment.broker) attachment.broker.reconnect()
      else if (!isClosed) attachment.attach()
    },
    close,
    [Symbol.dispose]: close,
  }
}

function socketUrl(given: string | URL, base: string): string {
  const url = URL.canParse(given, base) ? new URL(given, base) : refuse('url', 'a URL')
  url.protocol = url.protocol.replace('http', 'ws')
  if (!/^wss?:$/.test(url.protocol)) refuse('url', 'ws:, wss:, or a path of this origin')
  url.hash = ''
  return url.href
}

function merge(
  known: readonly OutboxEntry[],
  { whole, put, removed }: Extract<News, { kind: 'outbox' }>,
): readonly OutboxEntry[] {
  const entries = new Map(whole ? [] : known.map((entry) => [entry.key, entry]))
  for (const entry of put) entries.set(entry.key, entry)
  for (const key of removed) entries.delete(key)
  return [...entries.values()]
}
