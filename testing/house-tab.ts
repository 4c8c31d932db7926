/**
 * Owns one tab of a house in tests: a real page client in surroundings that can be taken from it. It
 * knows of the rest of the house what a page knows of its browser.
 */
import type { ConnectOptions, Line, WorkerRequest } from '../page-client/api.js'
import { open } from '../page-client/connect.js'
import type { Departures } from '../page-client/departures.js'
import {
  type DedicatedWorker,
  openPort,
  type PageEnvironment,
  type PageEvents,
  type WorkerHandle,
} from '../page-client/environment.js'
import type { Version } from '../protocol/version.js'
import { createDedicatedWorkers, type DedicatedWorkers } from './dedicated-workers.js'
import type { MemoryBoats } from './memory-boat.js'
import type { MemoryBuses } from './memory-bus.js'
import type { MemoryLocks } from './memory-locks.js'
import type { Surroundings } from './mortal.js'
import type { VirtualClock } from './virtual-clock.js'

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

/** What all tabs of a house have in common. */
export interface HouseGround {
  readonly clock: VirtualClock
  readonly locks: MemoryLocks
  readonly buses: MemoryBuses
  readonly boats: MemoryBoats
  readonly syncs: string[]
  readonly surroundings: Surroundings
  readonly dedicated: DedicatedWorkers[]
  /** As it is when a tab is opened, or asks. */
  readonly state: {
    readonly hasSharedWorker: boolean
    readonly hasWorkers: boolean
    readonly hasLocks: boolean
    readonly refusesSharedWorkers: boolean
    readonly refusesWorkers: boolean
    readonly refusesLocks: boolean
    readonly isWorkerDeaf: boolean
  }
  connect(url: string, name: string, port: MessagePort, isDead: () => boolean): void
}

/** `departures`: those of the page, when it has had a line before. */
export function openHouseTab(
  ground: HouseGround,
  options: Partial<ConnectOptions>,
  version: Version,
  departures?: Departures,
): HouseTab {
  const { clock, locks, buses, boats, state } = ground
  const agent = locks.agent()
  const errors: unknown[] = []
  const channels: MessageChannel[] = []
  const own = createDedicatedWorkers({
    surroundings: { ...ground.surroundings, version },
    agent: locks.agent,
    isDeaf: () => state.isWorkerDeaf || isDead,
  })
  ground.dedicated.push(own)
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
      resumed() {},
      written() {},
    },
  }
  function openWorker(url: unknown, request: WorkerRequest): WorkerHandle {
    if (state.refusesSharedWorkers) throw new DOMException('not here', 'SecurityError')
    const channel = new MessageChannel()
    const { port1, port2 } = channel
    channels.push(channel)
    ground.connect(String(url ?? ''), request.name, port2, () => isDead)
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
    version,
    baseUrl: 'https://app.example/board',
    openWorker: state.hasSharedWorker ? openWorker : null,
    openDedicated: state.hasWorkers ? openDedicated : null,
    openPort,
    openBroadcast: (name, onMessage) => {
      const bus = buses.open(name, (message) => isDead || onMessage(message))
      return { post: (message) => isDead || bus.post(message), close: bus.close }
    },
    holdLock: state.hasLocks ? holdLock : null,
    queueForLock: state.hasLocks ? agent.queue : null,
    whenLockFree: state.hasLocks ? agent.whenFree : null,
    heldLocks: state.hasLocks ? agent.holders : null,
    freeLock: state.hasLocks ? (name) => void agent.steal(name).then((letGo) => letGo()) : null,
    boat,
    registerSync: async (tag) => void ground.syncs.push(tag),
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
