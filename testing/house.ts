/**
 * Owns a whole house in one process: real page clients and a real broker, tied by real MessagePorts
 * and Comlink, on a virtual clock, a memory disk, a lock manager with queues, and a server that says
 * what the test tells it to. Ports are the one thing here that does not run on the virtual clock:
 * `quiet` waits until they have nothing more to deliver.
 */
import type { ConnectOptions, Line, WorkerRequest } from '../page-client/api.js'
import { open } from '../page-client/connect.js'
import type { Departures } from '../page-client/departures.js'
import type {
  DedicatedWorker,
  PageEnvironment,
  PageEvents,
  WorkerHandle,
} from '../page-client/environment.js'
import { lineName } from '../protocol/line-name.js'
import { type Broker, createBroker } from '../worker/broker.js'
import { claimHub } from '../worker/hosts/hub-host.js'
import { servePort } from '../worker/hosts/serve-port.js'
import {
  createMemoryDisk,
  type MemoryDisk,
  openMemoryStore,
} from '../worker/storage/memory-store.js'
import type { Store, StoreRequest } from '../worker/storage/store.js'
import { createDedicatedWorkers, type DedicatedWorkers } from './dedicated-workers.js'
import { createMemoryBoats } from './memory-boat.js'
import { createMemoryBuses } from './memory-bus.js'
import { createMemoryLocks } from './memory-locks.js'
import { createMortal } from './mortal.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'

export interface HouseTab {
  readonly line: Line
  readonly errors: unknown[]
  /** Those that this tab has started itself. */
  readonly workers: DedicatedWorkers
  /**
   * The process of the tab is gone: no goodbye, no last write, only its locks are released. `losing`:
   * and what it had posted is lost with it.
   */
  kill(losing?: 'losing'): void
  /** The browser fires `error` at the SharedWorker object. */
  workerErrs(): void
  page: PageEvents
}

interface SharedWorkerLife {
  readonly broker: Broker
  kill(): void
}

/** Ports deliver in macrotasks; a channel of our own tells when theirs are empty. */
export async function portsQuiet(): Promise<void> {
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
  const boats = createMemoryBoats()
  const syncs: string[] = []
  const brokers: Broker[] = []
  const server = createScriptedServer(portsQuiet)
  const disks = new Map<string, MemoryDisk>()
  let ids = 0
  const late: (() => void)[] = []
  const dedicated: DedicatedWorkers[] = []
  const newId = (): string => `id${++ids}`
  let roll = 0.5
  /** By name, as SharedWorkers are. */
  const workers = new Map<string, SharedWorkerLife>()
  const state = {
    hasDisk: true,
    hasSharedWorker: true,
    /** Dedicated workers too. */
    hasWorkers: true,
    hasLocks: true,
    /** A CSP, for example: the constructor throws. */
    refusesSharedWorkers: false,
    refusesWorkers: false,
    isDiskFull: false,
    /** The database does not open. */
    isDiskShut: false,
    diskMs: 0,
    isWorkerDeaf: false,
    isWorkerSlow: false,
    refusesLocks: false,
    /** The app's own function makes every SharedWorker under one name. */
    misnamesWorkers: false,
  }

  function diskOf(line: string): MemoryDisk {
    const disk = disks.get(line) ?? createMemoryDisk()
    disks.set(line, disk)
    return disk
  }

  async function openStore(request: StoreRequest): Promise<Store> {
    if (state.isDiskShut) throw new DOMException('damaged', 'UnknownError')
    const store = await openMemoryStore(request, diskOf(request.line))
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

  const surroundings = {
    clock,
    random: () => roll,
    openSocket: server.openSocket,
    get openStore() {
      return state.hasDisk ? openStore : null
    },
    dropStore: async (line: string) => void disks.delete(line),
    openBus: buses.open,
    newId,
  }

  function startWorker(): SharedWorkerLife {
    const { surroundings: own, kill } = createMortal(surroundings, locks.agent())
    const broker = createBroker({ ...own, host: 'shared-worker' })
    void broker.named.then((line) => claimHub({ ...own, broker }, own.locks, line))
    brokers.push(broker)
    return { broker, kill }
  }

  /** `departures`: those of the page, when it has had a line before. */
  function openTab(options: Partial<ConnectOptions> = {}, departures?: Departures): HouseTab {
    const agent = locks.agent()
    const errors: unknown[] = []
    const channels: MessageChannel[] = []
    const own = createDedicatedWorkers({
      surroundings,
      agent: locks.agent,
      isDeaf: () => state.isWorkerDeaf || isDead,
    })
    dedicated.push(own)
    const boat = boats.page((name) => tab.page.written(name))
    let isDead = false
    const tab: HouseTab = {
      errors,
      line: undefined as unknown as Line,
      kill(losing) {
        isDead = true
        boat.close()
        for (const { port1, port2 } of channels) {
          port1.close()
          if (losing) port2.close()
        }
        agent.kill()
        own.killAll()
      },
      workers: own,
      workerErrs() {},
      page: {
        hidden() {},
        shown() {},
        visible() {},
        concealed() {},
        online() {},
        written() {},
      },
    }
    function openWorker(_url: unknown, request: WorkerRequest): WorkerHandle {
      if (state.refusesSharedWorkers) throw new DOMException('not here', 'SecurityError')
      const name = state.misnamesWorkers ? 'worker' : request.name
      const channel = new MessageChannel()
      const { port1, port2 } = channel
      channels.push(channel)
      const connect = (): void => {
        const worker = workers.get(name) ?? startWorker()
        workers.set(name, worker)
        servePort(worker.broker, port2, () => port2.close())
      }
      if (state.isWorkerSlow) late.push(connect)
      else if (!state.isWorkerDeaf && !isDead) connect()
      return {
        port: port1,
        addEventListener(_type, run) {
          tab.workerErrs = run
        },
      }
    }
    function openDedicated(): DedicatedWorker {
      if (state.refusesWorkers) throw new DOMException('not here', 'SecurityError')
      return own.start()
    }
    async function holdLock(name: string): Promise<() => void> {
      if (state.refusesLocks) throw new DOMException('not here', 'SecurityError')
      // The dead ask for nothing more.
      return isDead ? new Promise(() => {}) : agent.hold(name)
    }
    const environment: PageEnvironment = {
      baseUrl: 'https://app.example/board',
      openWorker: state.hasSharedWorker ? openWorker : null,
      openDedicated: state.hasWorkers ? openDedicated : null,
      openBroadcast: (name, onMessage) => {
        const bus = buses.open(name, (message) => isDead || onMessage(message))
        return { post: (message) => isDead || bus.post(message), close: bus.close }
      },
      queueForLock: state.hasLocks ? agent.queue : null,
      holdLock: state.hasLocks ? holdLock : null,
      boat,
      registerSync: async (tag) => void syncs.push(tag),
      after: (ms, run) => clock.after(ms, () => isDead || run()),
      now: clock.now,
      wall: clock.wall,
      random: Math.random,
      listen(events) {
        tab.page = events
        return () => {}
      },
      report: (error) => errors.push(error),
    }
    return Object.assign(tab, { line: open({ url: '/line', ...options }, environment, departures) })
  }

  return {
    clock,
    server,
    /** The disk of the line that tabs without options of their own have. */
    disk: diskOf(lineName({ url: 'wss://app.example/line' })),
    diskOf,
    /** Whether there is a database of that name. */
    hasDiskOf: (line: string) => disks.has(line),
    locks,
    boats,
    /** The tags of the Background Syncs that pages have asked for. */
    syncs,
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
      for (const { kill } of workers.values()) kill()
      workers.clear()
    },
    /** A new version of the worker: who comes from now on gets it, who is there keeps the old one. */
    deployWorker() {
      workers.clear()
    },
    /** What a test leaves behind would keep the process alive. */
    close() {
      for (const broker of brokers) void broker.close()
      for (const { killAll } of dedicated) killAll()
    },
  }
}
