/**
 * Owns the page under test: it uses the page client as an app would, and writes down what it is told.
 * Served to the browser as it is, with the types taken out; `partyline` is the built door.
 */
import { connect, type Line, PartylineError, type Subscription } from 'partyline'
import type { ErrorInfo } from '../../protocol/errors.js'
import type { AwkwardPayload, DeliveryRecord, TabApi, TabLog } from './tab-api.js'

const log: TabLog = {
  statuses: [],
  events: [],
  gaps: [],
  deliveries: {},
  errors: [],
  tokensAsked: 0,
}
const now = (): number => performance.timeOrigin + performance.now()

const subscriptions: Subscription[] = []
let line: Line | undefined
let token: string | undefined

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
  connect({ token: first, ...options }) {
    token = first
    return attempt(() => {
      line = connect({
        ...options,
        auth: () => {
          log.tokensAsked += 1
          return token
        },
        onError: (error) => log.errors.push(infoOf(error)),
      })
      line.status.subscribe((status) => log.statuses.push({ at: now(), status }))
    })
  },
  subscribe(channel, from) {
    const receive = (payload: unknown, { id }: { id: string }): void => {
      log.events.push({ at: now(), channel, id, payload })
    }
    const subscription = theLine()
      .channel(channel)
      .subscribe(receive, {
        from,
        onGap: ({ reason }) => log.gaps.push({ channel, reason }),
      })
    subscriptions.push(subscription)
  },
  position: (channel) => subscriptions.find((one) => one.channel === channel)?.cursor?.id,
  publish: (channel, payload) => record(theLine().channel(channel).publish(payload)),
  send: (type, payload) => record(theLine().send(type, payload)),
  sendAwkward: (kind) => attempt(() => record(theLine().send('awkward', awkward(kind)))),
  outbox: () => theLine().outbox.value,
  setToken(next) {
    token = next
  },
  reconnect: () => theLine().reconnect(),
  hurry: () =>
    void theLine().status.subscribe(({ state }) => {
      if (state === 'reconnecting') theLine().reconnect()
    }),
  close: () => theLine().close(),
}

Object.assign(window, { tab })
