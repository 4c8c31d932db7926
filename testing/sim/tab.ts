/**
 * Owns one tab of a simulated browser: the real page client in surroundings that can be taken from it.
 * It knows the ways in which a tab comes to an end or to rest, and what the page is told of each.
 */

import type { ConnectOptions, Line } from '../../page-client/api.js'
import { open } from '../../page-client/connect.js'
import type { PageEnvironment, PageEvents } from '../../page-client/environment.js'
import type { Host } from '../../protocol/status.js'
import { createAgent } from './agent.js'
import type { Browser } from './browser.js'
import type { Commons } from './commons.js'

export interface SimTab {
  readonly name: string
  readonly line: Line
  readonly state: 'here' | 'away' | 'stuck' | 'gone'
  readonly isHidden: boolean
  /** Told to the console. */
  readonly reports: readonly unknown[]
  close(): void
  /** Its process dies without a word. */
  crash(): void
  /** Into the back/forward cache, or frozen where it is. */
  leave(): void
  /** It stops where it is and is told nothing: a debugger, a machine out of memory. */
  stick(): void
  /** From wherever it was. */
  comeBack(): void
  hide(): void
  show(): void
  networkIsBack(): void
  /** What its own code waits for. */
  wait(ms: number): Promise<void>
}

export interface TabOptions {
  readonly commons: Commons
  readonly browser: Browser
  readonly name: string
  /** What this browser has: everything, no SharedWorker, or neither that nor locks. */
  readonly host: Host
  readonly connect: ConnectOptions
}

/** A hidden page's timers fire together, once a second. */
const HIDDEN_MS = 1_000
/** A browser that is busy ends a page that closes itself without a `pagehide`. */
const UNTOLD = 0.2

export function openTab({ commons, browser, name, host, connect }: TabOptions): SimTab {
  const hasLocks = host !== 'page'
  const { scheduler, weather } = commons
  const agent = createAgent(commons, name)
  const { thread, locks, clock } = agent
  const reports: unknown[] = []
  const { build } = browser
  const storage = thread.lane('storage', weather.port)
  let events: PageEvents | undefined
  let state: SimTab['state'] = 'here'
  let isHidden = false
  const boat = commons.boats.page((item) => events?.written(item), storage.send)
  agent.onDeath(boat.close)

  const environment: PageEnvironment = {
    baseUrl: 'https://app.example/board',
    version: build.version,
    openWorker:
      host === 'shared-worker'
        ? (_url, request) => ({
            port: browser.connect(agent, request.name, build),
            addEventListener() {},
          })
        : null,
    openDedicated: (_url, { name: line }) => browser.start(agent, line, build),
    openPort: (worker) => browser.attach(agent, worker),
    openBroadcast: agent.bus.open,
    holdLock: hasLocks ? locks.hold : null,
    whenLockFree: hasLocks ? locks.whenFree : null,
    heldLocks: hasLocks ? locks.holders : null,
    freeLock: hasLocks ? (lock) => void locks.steal(lock).then((letGo) => letGo()) : null,
    queueForLock: hasLocks ? locks.queue : null,
    boat,
    registerSync: browser.registerSync,
    after(ms, run) {
      if (!isHidden) return clock.after(ms, run)
      const due = Math.ceil((clock.now() + ms) / HIDDEN_MS) * HIDDEN_MS
      return clock.after(due - clock.now(), run)
    },
    now: clock.now,
    wall: clock.wall,
    random: scheduler.dice(name).roll,
    listen(own) {
      events = own
      return () => {
        events = undefined
      }
    },
    report: (error) => reports.push(error),
  }

  function end(losing: boolean): void {
    if (state === 'gone') return
    state = 'gone'
    agent.kill(losing)
  }

  return {
    name,
    line: open(connect, environment),
    get state() {
      return state
    },
    get isHidden() {
      return isHidden
    },
    reports,
    close() {
      if (state === 'here' && !commons.dice.chance(UNTOLD)) events?.hidden()
      end(commons.dice.chance(0.5))
    },
    crash: () => end(true),
    leave() {
      if (state !== 'here') return
      state = 'away'
      events?.hidden()
      thread.hang()
    },
    stick() {
      if (state !== 'here') return
      state = 'stuck'
      thread.hang()
    },
    comeBack() {
      const was = state
      if (was !== 'away' && was !== 'stuck') return
      state = 'here'
      thread.thaw()
      if (was === 'stuck') return
      thread.after(0, 'shown', () => {
        events?.shown()
        events?.resumed()
      })
    },
    hide() {
      if (state !== 'here' || isHidden) return
      isHidden = true
      events?.concealed()
    },
    show() {
      if (state !== 'here' || !isHidden) return
      isHidden = false
      events?.visible()
    },
    wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    networkIsBack() {
      if (state === 'here') events?.online()
    },
  }
}
