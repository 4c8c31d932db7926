/**
 * Owns the broker's life: it takes the line's lock, opens the disk, starts the line, and tells every
 * tab what it needs to know (P1, P9, P12). Hosts bring it ports; it brings them a surface for each.
 *
 * The first tab that says hello says which line this is. Everybody is answered at once, also while
 * an older worker still holds the lock: its status is then "connecting", which is the truth.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { ClientId, InstanceId } from '../protocol/ids.js'
import { lineLockName, lineName, tabLockName } from '../protocol/line-name.js'
import type {
  BrokerSurface,
  Hello,
  HelloReply,
  LineOptions,
  Subscription,
} from '../protocol/port.js'
import type { Host, LineState, Status } from '../protocol/status.js'
import { CONTRACT } from '../protocol/version.js'
import type { Clock, Random } from './clock.js'
import type { OpenSocket } from './connection/socket.js'
import type { Timing } from './connection/timing.js'
import { createLine, type Line } from './line.js'
import { createGroupCommit } from './storage/group-commit.js'
import { openMemoryStore } from './storage/memory-store.js'
import { Fenced, type OpenStore, type Store } from './storage/store.js'
import { createTab, type RemoteTab, type Tab } from './tabs/tab.js'
import type { Locks } from './tabs/locks.js'
import { createThrottle } from './tabs/throttle.js'
import { askForToken } from './tabs/token.js'

export interface BrokerEnvironment {
  readonly clock: Clock
  readonly random: Random
  readonly openSocket: OpenSocket
  /** null: this browser has no disk. */
  readonly openStore: OpenStore | null
  /** null: this browser has no locks; goodbyes must do. */
  readonly locks: Locks | null
  readonly host: Host
  readonly timing?: Partial<Timing> | undefined
  newId(): string
}

export interface Broker {
  /** A page has a port to us. `hangUp` is called when it is gone. */
  accept(page: RemoteTab, hangUp: () => void): BrokerSurface
  close(): void
}

/** Long enough to swallow what an online line sends and gets acknowledged, short for a person. */
const NEWS_PAUSE_MS = 25
const STORE_DEADLINE_MS = 5_000

export function createBroker(environment: BrokerEnvironment): Broker {
  const { clock, locks } = environment
  const instance = environment.newId() as InstanceId
  const tabs = new Set<Tab>()
  let name: string | undefined
  let line: Line | undefined
  let onLine: ((line: Line) => void)[] = []
  let state: LineState = { state: 'connecting', attempt: 0 }
  let storage: Status['storage'] = 'disk'
  let storageError: ErrorInfo = { code: 'no-storage', details: { reason: 'no disk' } }
  let release = (): void => {}
  let isClosed = false

  /** Runs at once, or as soon as the line is there, in the order of the calls. */
  function withLine(run: (line: Line) => void): void {
    if (line) run(line)
    else onLine.push(run)
  }

  async function boot(lineOptions: LineOptions, lineId: string): Promise<void> {
    if (locks) release = await locks.hold(lineLockName(lineId))
    if (isClosed) return release()
    const store = await openStore(lineOptions, lineId)
    if (isClosed) return store.close()
    const commit = createGroupCommit(store, clock, onBroken)
    if (store.kind === 'memory') storage = 'memory'
    line = createLine({
      ...environment,
      options: lineOptions,
      loaded: store.loaded,
      instance,
      write: async (changes) => {
        if (storage === 'disk') await commit.write(changes)
        else throw storageError
      },
      token: () => askForToken(tabs, clock),
      onState(next) {
        state = next
        tellStatus()
      },
      onOutcome(outcome) {
        for (const tab of tabs) {
          if (tab.awaited.delete(outcome.key)) tab.push({ kind: 'outcomes', outcomes: [outcome] })
        }
      },
      onOutbox: news.call,
    })
    line.connection.start()
    for (const run of onLine) run(line)
    onLine = []
    tellStatus()
  }

  async function openStore({ durability = 'strict' }: LineOptions, lineId: string): Promise<Store> {
    const request = { line: lineId, durability, newClient: () => environment.newId() as ClientId }
    if (!environment.openStore) return openMemoryStore(request)
    const opening = environment.openStore(request)
    try {
      return await withDeadline(opening, STORE_DEADLINE_MS)
    } catch (reason) {
      noteBroken(reason)
      // It may still open, one day; it must not stay open beside us.
      opening.then((late) => late.close()).catch(() => {})
      return openMemoryStore(request)
    }
  }

  function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = clock.after(ms, () => reject(new Error('it did not open in time')))
      promise.then(resolve, reject).finally(stop)
    })
  }

  function noteBroken(reason: unknown): void {
    storage = 'memory'
    const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)
    storageError = { code: 'no-storage', details: { reason: text } }
  }

  function onBroken(reason: unknown): void {
    noteBroken(reason)
    if (reason instanceof Fenced) {
      // Another broker has the database, and so the line: not a word more.
      line?.close()
      state = { state: 'stopped', cause: 'superseded' }
    }
    tellStatus()
  }

  const status = (): Status => ({
    ...state,
    queued: line?.outbox.queued ?? 0,
    tabs: tabs.size,
    host: environment.host,
    storage,
  })

  function tellStatus(): void {
    const now = status()
    for (const tab of tabs) tab.push({ kind: 'status', status: now })
  }

  const news = createThrottle(clock, NEWS_PAUSE_MS, () => {
    const changes = line?.outbox.ledger.take()
    if (!changes) return
    for (const tab of tabs) tab.push(changes)
    tellStatus()
  })

  function refuse(hello: Hello): ErrorInfo | undefined {
    if (hello.contract !== CONTRACT) {
      return { code: 'contract-mismatch', details: { page: hello.contract, worker: CONTRACT } }
    }
    if (name !== undefined && name !== lineName(hello.line)) {
      const expected = 'a SharedWorker with the name that the function is given'
      return { code: 'bad-option', details: { option: 'worker', expected } }
    }
    return undefined
  }

  function accept(page: RemoteTab, hangUp: () => void): BrokerSurface {
    let tab: Tab | undefined
    let stopWatching = (): void => {}

    function leave(): void {
      const gone = tab
      tab = undefined
      if (!gone) return
      stopWatching()
      tabs.delete(gone)
      gone.close()
      withLine(({ channels }) => {
        for (const subscriber of gone.subscribers.values()) channels.unsubscribe(subscriber)
      })
      tellStatus()
    }

    function subscribe(subscription: Subscription): void {
      withLine(({ channels }) => {
        if (!tab || tab.subscribers.has(subscription.id)) return
        tab.subscribers.set(subscription.id, channels.subscribe(subscription, tab))
      })
    }

    return {
      hello(hello): HelloReply {
        const error = refuse(hello)
        if (error) return { ok: false, error }
        leave()
        const wholeOutbox = () =>
          line?.outbox.ledger.whole() ??
          ({ kind: 'outbox', whole: true, put: [], removed: [] } as const)
        const own = createTab({ id: hello.tab, instance, page, wholeOutbox })
        tab = own
        tabs.add(own)
        const isFirst = name === undefined
        name ??= lineName(hello.line)
        if (isFirst) void boot(hello.line, name)
        const gone = (): void => {
          if (tab === own) {
            leave()
            hangUp()
          }
        }
        if (locks) stopWatching = locks.whenFree(tabLockName(name, hello.tab), gone)
        tellStatus()
        withLine(() => own.push(wholeOutbox()))
        for (const subscription of hello.subscriptions) subscribe(subscription)
        // Somebody has just opened or woken a page: what stands still deserves another look.
        withLine(({ connection }) => {
          if (state.state === 'stopped') connection.reconnect()
          else connection.suspect('visible')
        })
        return { ok: true, instance }
      },

      goodbye: leave,

      send(operation) {
        return new Promise((resolve) => {
          tab?.awaited.add(operation.key)
          withLine(({ outbox }) => {
            const stored = outbox.add(operation)
            if (stored instanceof Promise) {
              stored.then(
                () => resolve(undefined),
                () => resolve(storageError),
              )
            } else {
              tab?.awaited.delete(operation.key)
              resolve(stored)
            }
          })
        })
      },

      subscribe,

      unsubscribe(id) {
        withLine(({ channels }) => {
          const subscriber = tab?.subscribers.get(id)
          if (!subscriber) return
          tab?.subscribers.delete(id)
          channels.unsubscribe(subscriber)
        })
      },

      retry: (key) => line?.outbox.retry(key) ?? false,
      discard: (key) => line?.outbox.discard(key) ?? false,
      reconnect: () => withLine(({ connection }) => connection.reconnect()),
      suspect: (why) => withLine(({ connection }) => connection.suspect(why)),
    }
  }

  return {
    accept,
    close() {
      isClosed = true
      news.close()
      line?.close()
      for (const tab of tabs) tab.close()
      tabs.clear()
      release()
    },
  }
}
