/**
 * Owns the page under test: it uses the page client as an app would, and writes down what it is told.
 * Served to the browser as it is, with the types taken out; `partyline` is the built door.
 */
import {
  type Consumption,
  connect,
  type EventInfo,
  type Key,
  type Line,
  PartylineError,
  type Subscription,
} from 'partyline'
import type { ErrorInfo } from '../../protocol/errors.js'
import { writeArrivals } from './arrivals.js'
import { handlerOf } from './consuming.js'
import { livingWorkers } from './living-workers.js'
import { createSigningIn } from './signing-in.js'
import { snapshotOf } from './snapshots.js'
import type { AwkwardPayload, Chapter, DeliveryRecord, TabApi, TabLog } from './tab-api.js'

const log: TabLog = {
  connectedAt: 0,
  statuses: [],
  events: [],
  gaps: [],
  stories: [],
  runs: [],
  signals: [],
  members: [],
  deliveries: {},
  errors: [],
  shown: [],
  tokensAsked: 0,
}
const now = (): number => performance.timeOrigin + performance.now()

writeArrivals(log.shown)

let subscriptions: Subscription[] = []
let consumptions: Consumption[] = []
const listening = new Map<string, () => void>()
const watching = new Map<string, () => void>()
let line: Line | undefined
const signingIn = createSigningIn(log)

function theLine(): Line {
  if (!line) throw new Error('connect first')
  return line
}

function infoOf(error: unknown): ErrorInfo {
  if (!(error instanceof PartylineError)) throw error
  const { code, details, message } = error
  return { code, details, message } as ErrorInfo
}

/** What a caller's mistake throws, as data. */
function attempt(act: () => void): ErrorInfo | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return infoOf(error)
  }
}

function record(delivery: { key: string; stored: Promise<void>; done: Promise<unknown> }): string {
  const entry: DeliveryRecord = { stored: 'pending', done: 'pending' }
  log.deliveries[delivery.key] = entry
  delivery.stored.then(
    () => {
      entry.stored = 'stored'
    },
    (error) => {
      entry.stored = infoOf(error)
    },
  )
  delivery.done.then(
    (result) => {
      entry.done = { result }
    },
    (error) => {
      entry.done = infoOf(error)
    },
  )
  return delivery.key
}

function optionsOf<Choices extends { readonly abortAfterMs?: number }>({
  abortAfterMs,
  ...options
}: Choices) {
  if (abortAfterMs === undefined) return options
  const controller = new AbortController()
  if (abortAfterMs === 0) controller.abort()
  else setTimeout(() => controller.abort(), abortAfterMs)
  return { ...options, signal: controller.signal }
}

function awkward(kind: AwkwardPayload): unknown {
  switch (kind) {
    case 'function':
      return { act: () => {} }
    case 'bigint':
      return { much: 1n }
    case 'cycle': {
      const ring: { self?: unknown } = {}
      ring.self = ring
      return ring
    }
  }
}

const tab: TabApi = {
  log,
  connect({ token, auth, worker, workerOptions, ...options }) {
    log.connectedAt = now()
    return attempt(() => {
      line = connect({
        ...options,
        worker: workerOptions
          ? ({ name }) => new SharedWorker(worker ?? '/worker.js', { ...workerOptions, name })
          : worker,
        auth: signingIn.auth(auth, token),
        onError: (error) => log.errors.push(infoOf(error)),
      })
      line.status.subscribe((status) => log.statuses.push({ at: now(), status }))
    })
  },
  subscribe(channel, from, plan, history) {
    const chapters: Chapter[] = []
    log.stories.push({ channel, chapters })
    const receive = (payload: unknown, { id, isKept }: EventInfo): void => {
      const kept = isKept && { isKept }
      chapters.push({ kind: 'event', id, ...kept })
      log.events.push({ at: now(), channel, id, payload, ...kept })
    }
    const subscription = theLine()
      .channel(channel)
      .subscribe(receive, {
        from,
        history,
        onGap({ reason, cursor: { id } }) {
          chapters.push({ kind: 'gap', reason, id })
          log.gaps.push({ channel, reason })
        },
        ...(plan && {
          snapshot: snapshotOf(plan),
          onSnapshot: (state: unknown) => void chapters.push({ kind: 'snapshot', state }),
        }),
      })
    subscriptions.push(subscription)
  },
  unsubscribe(channel) {
    for (const one of subscriptions) if (one.channel === channel) one.stop()
    subscriptions = subscriptions.filter((one) => one.channel !== channel)
  },
  position: (channel) => subscriptions.find((one) => one.channel === channel)?.cursor?.id,
  consume(channel, name, plan, { diary, ...choices } = {}) {
    const handle = handlerOf({ name, plan, diary, now, runs: log.runs })
    consumptions.push(theLine().channel(channel).consume(name, handle, choices))
  },
  stopConsuming(name) {
    for (const one of consumptions) if (one.name === name) one.stop()
    consumptions = consumptions.filter((one) => one.name !== name)
  },
  parked: () => theLine().parked.value,
  retryParked: (key) => theLine().parked.retry(key),
  discardParked: (key) => theLine().parked.discard(key),
  setVisible(isVisible) {
    const state = isVisible ? 'visible' : 'hidden'
    Object.defineProperty(document, 'hidden', { configurable: true, value: !isVisible })
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: state })
    document.dispatchEvent(new Event('visibilitychange'))
  },
  freeze(ms) {
    // Heard before it begins: whatever else a page says now may wait for its end.
    const request = new XMLHttpRequest()
    request.open('GET', '/frozen', false)
    request.send()
    for (const over = now() + ms; now() < over; );
  },
  leads: () => livingWorkers() > 0,
  publish: (channel, payload, choices = {}) =>
    record(theLine().channel(channel).publish(payload, optionsOf(choices))),
  send: (type, payload, choices = {}) => record(theLine().send(type, payload, optionsOf(choices))),
  sendBadly: (choices) => attempt(() => record(theLine().send('bad', 1, optionsOf(choices)))),
  sendAwkward: (kind) => attempt(() => record(theLine().send('awkward', awkward(kind)))),
  request: (type, payload, choices = {}) =>
    theLine()
      .request(type, payload, optionsOf(choices))
      .then(
        (result) => ({ result }),
        (error) => ({ error: infoOf(error) }),
      ),
  signal: (channel, payload) => attempt(() => theLine().channel(channel).signal(payload)),
  listen(channel) {
    const stop = theLine()
      .channel(channel)
      .onSignal((payload, { member }) => {
        log.signals.push({ at: now(), channel, payload, ...(member !== undefined && { member }) })
      })
    listening.set(channel, stop)
  },
  unlisten: (channel) => listening.get(channel)?.(),
  show: (channel, state) => attempt(() => theLine().channel(channel).presence.set(state)),
  watch(channel) {
    const stop = theLine()
      .channel(channel)
      .presence.subscribe((members) => {
        log.members.push({ at: now(), channel, members: [...members] })
      })
    watching.set(channel, stop)
  },
  unwatch: (channel) => watching.get(channel)?.(),
  members: (channel) => theLine().channel(channel).presence.value,
  outbox: () => theLine().outbox.value,
  discard: (key) => theLine().outbox.discard(key as Key),
  retry: (key) => theLine().outbox.retry(key as Key),
  retryAll: () => theLine().outbox.retryAll(),
  signOut: (outbox) =>
    theLine()
      .signOut({ outbox })
      .then(() => undefined, infoOf),
  lifeboat: () =>
    Object.keys(localStorage).flatMap((name) => {
      const [, key] = name.split(':boat:')
      return key === undefined ? [] : [key]
    }),
  holdLock: (name) =>
    new Promise((held) => {
      void navigator.locks.request(name, () => {
        held()
        return new Promise(() => {})
      })
    }),
  lockFreed: (name) => navigator.locks.request(name, now),
  setToken(next) {
    signingIn.setTokens([next])
  },
  reconnect: () => theLine().reconnect(),
  hurry: () =>
    void theLine().status.subscribe(({ state }) => {
      if (state === 'reconnecting') theLine().reconnect()
    }),
  close: () => theLine().close(),
}

Object.assign(window, { tab })
