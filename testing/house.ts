/**
 * Owns a whole house in one process: real page clients and a real broker, tied by real MessagePorts
 * and Comlink, on a virtual clock, a memory disk, a lock manager with queues, and a server that says
 * what the test tells it to. Ports are the one thing here that does not run on the virtual clock:
 * `quiet` waits until they have nothing more to deliver.
 */
import { expose, wrap } from 'comlink'
import type { ConnectOptions, Line } from '../page-client/api.js'
import { open } from '../page-client/connect.js'
import type { PageEnvironment, PageEvents, WorkerHandle } from '../page-client/environment.js'
import type { ClientId } from '../protocol/ids.js'
import type { TabSurface } from '../protocol/port.js'
import { type Broker, createBroker } from '../worker/broker.js'
import { createMemoryDisk, openMemoryStore } from '../worker/storage/memory-store.js'
import type { Store } from '../worker/storage/store.js'
import { createMemoryBuses } from './memory-bus.js'
import { createMemoryLocks, type LockAgent } from './memory-locks.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'

export interface HouseTab {
  readonly line: Line
  readonly errors: unknown[]
  /** The process of the tab is gone: no goodbye, only its locks are released. */
  kill(): void
  /** The browser fires `error` at the SharedWorker object. */
  workerErrs(): void
  page: PageEvents
}

/** Ports deliver in macrotasks; a channel of our own tells when theirs are empty. */
async function portsQuiet(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const { port1, port2 } = new MessageChannel()
    await new Promise<void>((resolve) => {
      port2.onmessage = () => resolve()
      port1.postMessage(0)
    })
    port1.close()
    port2.close()
    await settled()
  }
}

export function createHouse() {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const buses = createMemoryBuses()
  const brokers: Broker[] = []
  const server = createScriptedServer(portsQuiet)
  const disk = createMemoryDisk()
  let ids = 0
  const late: (() => void)[] = []
  const newId = (): string => `id${++ids}`
  let roll = 0.5
  let worker: { broker: Broker; agent: LockAgent } | undefined
  const state = {
    hasDisk: true,
    hasSharedWorker: true,
    isDiskFull: false,
    diskMs: 0,
    isWorkerDeaf: false,
    isWorkerSlow: false,
    refusesLocks: false,
  }

  async function openStore(request: {
    line: string
    durability: 'strict' | 'relaxed'
  }): Promise<Store> {
    const newClient = () => newId() as ClientId
    const store = await openMemoryStore({ ...request, newClient }, disk)
    return {
      ...store,
      kind: 'disk',
      async commit(changes) {
        if (state.diskMs) await new Promise<void>((resolve) => clock.after(state.diskMs, resolve))
        if (state.isDiskFull) throw new DOMException('full', 'QuotaExceededError')
        await store.commit(changes)
      },
    }
  }

  function startWorker(): { broker: Broker; agent: LockAgent } {
    const agent = locks.agent()
    const broker = createBroker({
      clock,
      random: () => roll,
      openSocket: server.openSocket,
      openStore: state.hasDisk ? openStore : null,
      locks: agent,
      openBus: buses.open,
      newId,
      host: 'shared-worker',
    })
    brokers.push(broker)
    return { broker, agent }
  }

  function openTab(options: Partial<ConnectOptions> = {}): HouseTab {
    const agent = locks.agent()
    const errors: unknown[] = []
    const tab: HouseTab = {
      errors,
      line: undefined as unknown as Line,
      kill: () => agent.kill(),
      workerErrs() {},
      page: { hidden() {}, shown() {}, visible() {}, online() {} },
    }
    function openWorker(): WorkerHandle {
      const { port1, port2 } = new MessageChannel()
      const connect = (): void => {
        worker ??= startWorker()
        const page = wrap<TabSurface>(port2)
        const remote = {
          take: async (...parcel: Parameters<TabSurface['take']>) => page.take(...parcel),
          token: () => page.token(),
        }
        const hangUp = (): void => port2.close()
        expose(worker.broker.accept(remote, hangUp), port2)
      }
      if (state.isWorkerSlow) late.push(connect)
      else if (!state.isWorkerDeaf) connect()
      return {
        port: port1,
        addEventListener(_type, run) {
          tab.workerErrs = run
        },
      }
    }
    const environment: PageEnvironment = {
      baseUrl: 'https://app.example/board',
      openWorker: state.hasSharedWorker ? openWorker : null,
      async holdLock(name) {
        if (state.refusesLocks) throw new DOMException('not here', 'SecurityError')
        return agent.hold(name)
      },
      after: clock.after,
      wall: clock.wall,
      random: Math.random,
      listen(events) {
        tab.page = events
        return () => {}
      },
      report: (error) => errors.push(error),
    }
    return Object.assign(tab, { line: open({ url: '/line', ...options }, environment) })
  }

  return {
    clock,
    server,
    disk,
    locks,
    state,
    openTab,
    quiet: portsQuiet,
    setRoll(value: number) {
      roll = value
    },
    async advance(ms: number) {
      await clock.advance(ms)
      await portsQuiet()
    },
    /** A worker that was slow to start finds what has been said to it meanwhile, on every port. */
    workerStarts() {
      state.isWorkerSlow = false
      for (const connect of late.splice(0)) connect()
    },
    /** The worker dies without a word; the next tab that asks gets a new one. */
    killWorker() {
      worker?.agent.kill()
      worker?.broker.close()
      worker = undefined
    },
    /** A new version of the worker: who comes from now on gets it, who is there keeps the old one. */
    deployWorker() {
      worker = undefined
    },
    /** What a test leaves behind would keep the process alive. */
    close() {
      for (const broker of brokers) broker.close()
    },
  }
}
