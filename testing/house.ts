/**
 * Owns a whole house in one process: real page clients and a real broker, tied by real MessagePorts
 * and Comlink, on a virtual clock, a memory disk, a lock manager with queues, and a server that says
 * what the test tells it to. Ports are the one thing here that does not run on the virtual clock:
 * `quiet` waits until they have nothing more to deliver.
 */
import type { ConnectOptions } from '../page-client/api.js'
import type { Departures } from '../page-client/departures.js'
import { lineName } from '../protocol/line-name.js'
import { VERSION, type Version } from '../protocol/version.js'
import { type Broker, createBroker } from '../worker/broker.js'
import { claimHub } from '../worker/hosts/hub-host.js'
import { servePort } from '../worker/hosts/serve-port.js'
import {
  createMemoryDisk,
  type MemoryDisk,
  openMemoryStore,
} from '../worker/storage/memory-store.js'
import type { Store, StoreRequest } from '../worker/storage/store.js'
import type { DedicatedWorkers } from './dedicated-workers.js'
import { type HouseTab, openHouseTab } from './house-tab.js'
import { createMemoryBoats } from './memory-boat.js'
import { createMemoryBuses } from './memory-bus.js'
import { createMemoryLocks } from './memory-locks.js'
import { createMortal } from './mortal.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'
import type { WorkerThread } from './worker-thread.js'

export type { HouseTab } from './house-tab.js'

/** What a server hands out at a time: pages of a version, which name this address as their worker's. */
export interface Deployment {
  readonly version: Version
  readonly worker?: string
}

interface SharedWorkerLife {
  readonly broker: Broker
  readonly thread: WorkerThread
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
  const healthAsked: { readonly url: string; readonly signal: AbortSignal }[] = []
  const fetched: string[] = []
  const brokers: Broker[] = []
  const server = createScriptedServer(portsQuiet)
  const disks = new Map<string, MemoryDisk>()
  let ids = 0
  const late: (() => void)[] = []
  const dedicated: DedicatedWorkers[] = []
  const newId = (): string => `id${++ids}`
  let roll = 0.5
  /** What is found under an address of a worker; the one without a name too. */
  const scripts = new Map<string, Version>()
  let deployment: Deployment = { version: VERSION }
  /** By address and name, as SharedWorkers are. */
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
    /** So many connects get lost, as a browser may lose them while a worker dies. */
    lostConnects: 0,
    isWorkerSlow: false,
    refusesLocks: false,
    /** What the health address answers; null: nothing can be read; undefined: nothing at all. */
    health: null as number | null | undefined,
    /** What every address that is fetched for a token answers. */
    tokenStatus: 200,
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
    async fetchStatus(url: string, signal: AbortSignal) {
      healthAsked.push({ url, signal })
      if (state.health === null) throw new TypeError('Failed to fetch')
      return state.health ?? new Promise<never>(() => {})
    },
    async fetchText(url: string) {
      fetched.push(url)
      return { status: state.tokenStatus, text: `token ${fetched.length}` }
    },
    get openStore() {
      return state.hasDisk ? openStore : null
    },
    dropStore: async (line: string) => void disks.delete(line),
    openBus: buses.open,
    newId,
    version: VERSION,
  }

  function startWorker(version: Version): SharedWorkerLife {
    const given = { ...surroundings, version }
    const { surroundings: own, thread, kill } = createMortal(given, locks.agent())
    const shared = state.hasLocks ? own.locks : null
    const broker = createBroker({ ...own, locks: shared, host: 'shared-worker' })
    if (shared) broker.whileHere((line) => claimHub({ ...own, broker, locks: shared }, line))
    brokers.push(broker)
    return { broker, thread, kill }
  }

  function endWorker(name: string): void {
    const worker = workers.get(name)
    workers.delete(name)
    worker?.kill()
  }

  /** A tab has a port to the worker of that name. */
  function connect(url: string, asked: string, port: MessagePort, isDead: () => boolean): void {
    const name = state.misnamesWorkers ? 'worker' : `${url}${url && ' '}${asked}`
    const arrive = (): void => {
      const worker = workers.get(name) ?? startWorker(scripts.get(url) ?? VERSION)
      workers.set(name, worker)
      servePort(worker.broker, worker.thread.port(port), () => port.close())
    }
    if (state.lostConnects) state.lostConnects -= 1
    else if (state.isWorkerSlow) late.push(arrive)
    else if (!state.isWorkerDeaf && !isDead()) arrive()
  }

  const ground = { clock, locks, buses, boats, syncs, state, surroundings, dedicated, connect }

  return {
    clock,
    server,
    /** The disk of the line that tabs without options of their own have. */
    disk: diskOf(lineName({ url: 'wss://app.example/line' })),
    diskOf,
    /** Whether there is a database of that name. */
    hasDiskOf: (line: string) => disks.has(line),
    locks,
    /** A channel that everybody of this origin hears. */
    openBus: buses.open,
    boats,
    /** The tags of the Background Syncs that pages have asked for. */
    syncs,
    /** Where it was asked how the server is. */
    healthAsked,
    /** The addresses that were fetched for a token. */
    fetched,
    state,
    /** `departures`: those of the page, when it has had a line before. */
    openTab: (options: Partial<ConnectOptions> = {}, departures?: Departures): HouseTab =>
      openHouseTab(
        ground,
        { ...options, ...(deployment.worker && { worker: deployment.worker }) },
        deployment.version,
        departures,
      ),
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
    /** The names of the workers that run, hang or not. */
    get workers() {
      return [...workers.keys()]
    },
    /** The worker dies without a word; the next tab that asks gets a new one. */
    killWorker() {
      for (const name of [...workers.keys()]) endWorker(name)
    },
    endWorker,
    /** The worker of this name runs in an endless loop; returns what ends it. */
    hangWorker(name = [...workers.keys()][0] ?? '') {
      const thread = workers.get(name)?.thread
      thread?.hang()
      return async () => thread?.thaw()
    },
    /** The server has a new version of the worker. What runs goes on; what starts anew, starts so. */
    publish({ version, worker = '' }: Deployment) {
      scripts.set(worker, version)
    },
    /** Pages that are opened from now on are these, whatever the server has: there are caches. */
    load(page: Deployment) {
      deployment = page
    },
    /** What a test leaves behind would keep the process alive. */
    close() {
      for (const broker of brokers) void broker.close()
      for (const { killAll } of dedicated) killAll()
    },
  }
}
