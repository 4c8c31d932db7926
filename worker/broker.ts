/**
 * Owns the broker's life: it takes the line's lock, opens the disk, starts the line, and tells every
 * tab what it needs to know (P1, P9, P12). Hosts bring it ports; it gives each a desk.
 *
 * The first tab that says hello says which line this is. Everybody is answered at once, also while
 * an older worker still holds the lock: its status is then "connecting", which is the truth.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { ClientId, InstanceId } from '../protocol/ids.js'
import { lineName, tabLockName } from '../protocol/line-name.js'
import type { BrokerSurface, Hello, LineOptions, News, Outcome } from '../protocol/port.js'
import { brokerError } from '../protocol/sentences.js'
import type { Host, LineState } from '../protocol/status.js'
import { CONTRACT } from '../protocol/version.js'
import type { Clock, Random } from './clock.js'
import type { OpenSocket } from './connection/socket.js'
import type { Timing } from './connection/timing.js'
import { createLine, type Line } from './line.js'
import { badOption } from './line-options.js'
import { createGroupCommit } from './storage/group-commit.js'
import { type Opened, openStore } from './storage/open-store.js'
import { Fenced, type OpenStore } from './storage/store.js'
import { createDesk } from './tabs/desk.js'
import type { Locks } from './tabs/locks.js'
import type { RemoteTab, Tab } from './tabs/tab.js'
import { createThrottle } from './tabs/throttle.js'
import { askForToken } from './tabs/token.js'
import { createTenure, type OpenBus, type Tenure } from './tenure.js'

export interface BrokerEnvironment {
  readonly clock: Clock
  readonly random: Random
  readonly openSocket: OpenSocket
  /** null: this browser has no disk. */
  readonly openStore: OpenStore | null
  /** null: this browser has no locks; goodbyes must do. */
  readonly locks: Locks | null
  readonly openBus: OpenBus | null
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

export function createBroker(environment: BrokerEnvironment): Broker {
  const { clock, locks } = environment
  const instance = environment.newId() as InstanceId
  const tabs = new Set<Tab>()
  let name: string | undefined
  let line: Line | undefined
  const whenLine: ((line: Line) => void)[] = []
  let state: LineState = { state: 'connecting', attempt: 0 }
  /** Why nothing is durable any more. */
  let broken: Opened['broken']
  let asking: Promise<string | undefined> | undefined
  let told = ''
  let tenure: Tenure | undefined
  let closeStore = async (): Promise<void> => {}
  /** The line of before is being given back. */
  let retiring = Promise.resolve()

  function withLine(run: (line: Line) => void): void {
    if (line) run(line)
    else whenLine.push(run)
  }

  async function boot(options: LineOptions, lineId: string): Promise<void> {
    const own = createTenure({ ...environment, line: lineId, onOver: retire })
    tenure = own
    await retiring
    await own.begin()
    if (tenure !== own) return
    const request = {
      line: lineId,
      durability: options.durability ?? 'strict',
      newClient: () => environment.newId() as ClientId,
    } as const
    const opened = await openStore(environment.openStore, request, clock)
    const { store } = opened
    if (tenure !== own) return store.close()
    broken = opened.broken
    const commit = createGroupCommit(store, clock, (reason) => {
      if (tenure === own) onBroken(reason)
    })
    closeStore = async () => {
      await commit.idle()
      store.close()
    }
    line = createLine({
      ...environment,
      options,
      loaded: store.loaded,
      instance,
      async write(changes) {
        if (broken) throw broken.reason
        await commit.write(changes)
      },
      token,
      onState(next) {
        state = next
        tellStatus()
      },
      onOutcome,
      onOutbox: news.call,
    })
    line.connection.start()
    for (const run of whenLine.splice(0)) run(line)
    tellStatus()
  }

  /** Gives the line back. The next tab that says hello begins anew, from the disk. */
  function retire(): void {
    const own = tenure
    tenure = undefined
    line?.close()
    line = undefined
    state = { state: 'connecting', attempt: 0 }
    // What is being written is somebody's work; and only then may another broker read the disk.
    retiring = closeStore().finally(() => own?.end())
    closeStore = async () => {}
  }

  /** Whoever asks while another answer is on its way gets that one (F43). */
  function token(): Promise<string | undefined> {
    asking ??= askForToken(tabs, clock).finally(() => {
      asking = undefined
    })
    return asking
  }

  function onBroken(reason: unknown): void {
    broken = { reason }
    if (reason instanceof Fenced) {
      // Another broker has the database, and so the line: not a word more.
      line?.close()
      state = { state: 'stopped', cause: 'superseded' }
    }
    tellStatus()
  }

  function onOutcome(outcome: Outcome): void {
    for (const tab of tabs) {
      if (tab.awaited.delete(outcome.key)) tab.push({ kind: 'outcomes', outcomes: [outcome] })
    }
  }

  function tell(piece: News): void {
    for (const tab of tabs) tab.push(piece)
  }

  function tellStatus(): void {
    const queued = line?.outbox.queued ?? 0
    // Before there is a line, what tabs have sent is nowhere but here.
    if (line) tenure?.consider({ tabs: tabs.size, queued })
    const storage = broken ? 'memory' : 'disk'
    const facts = { queued, tabs: tabs.size, host: environment.host, storage } as const
    const status = { ...state, ...facts }
    const text = JSON.stringify(status)
    // A newcomer changes the number of tabs, so it is always told.
    if (text !== told) tell({ kind: 'status', status })
    told = text
  }

  const news = createThrottle(clock, NEWS_PAUSE_MS, () => {
    const changes = line?.outbox.ledger.take()
    if (!changes) return
    tell(changes)
    tellStatus()
  })

  function refuse(hello: Hello): ErrorInfo | undefined {
    if (hello.contract !== CONTRACT) {
      return brokerError('contract-mismatch', { page: hello.contract, worker: CONTRACT })
    }
    if (name !== undefined && name !== lineName(hello.line)) {
      const expected = 'a SharedWorker with the name that the function is given'
      return brokerError('bad-option', { option: 'worker', expected })
    }
    return badOption(hello.line)
  }

  function admit(tab: Tab, { line: options }: Hello, onDeath: () => void): () => void {
    tabs.add(tab)
    name ??= lineName(options)
    if (!tenure) void boot(options, name)
    tellStatus()
    // Somebody has just opened or woken a page: what stands still deserves another look.
    withLine(({ connection }) => {
      if (state.state === 'stopped') connection.reconnect()
      else connection.suspect('visible')
    })
    return locks ? locks.whenFree(tabLockName(name, tab.id), onDeath) : () => {}
  }

  return {
    accept: (page, hangUp) =>
      createDesk({
        instance,
        page,
        refuse,
        admit,
        dismiss(tab) {
          tabs.delete(tab)
          tellStatus()
        },
        hangUp,
        withLine,
      }),
    close() {
      news.close()
      for (const tab of tabs) tab.close()
      tabs.clear()
      retire()
    },
  }
}
