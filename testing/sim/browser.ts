/**
 * Owns the browser of a simulated world: which SharedWorkers run under which name, who is connected to
 * them, and how they end. A worker is the real broker in its real host, on surroundings of its own.
 */

import type { DedicatedWorker } from '../../page-client/environment.js'
import { VERSION, type Version } from '../../protocol/version.js'
import { createBroker } from '../../worker/broker.js'
import { claimHub } from '../../worker/hosts/hub-host.js'
import { servePort } from '../../worker/hosts/serve-port.js'
import type { Agent } from './agent.js'
import { type Dedicated, startDedicated } from './dedicated.js'
import { createPortPair, type PortEnd } from './port-pair.js'
import type { Lane } from './scheduler.js'
import { createSyncs } from './service-worker.js'
import { surround, type WorkerGround } from './surroundings.js'

/** What a deployment brings. */
export interface Build {
  readonly file: number
  readonly version: Version
}

export interface SimWorker {
  readonly name: string
  readonly agent: Agent
  /** It serves no page: the browser wakes it, and ends it. */
  readonly isService?: true
}

export interface Browser {
  /** Those that run, hang or not, oldest first. */
  readonly workers: readonly SimWorker[]
  /** A tab makes a SharedWorker object, from the file that was deployed when it was opened. */
  connect(tab: Agent, name: string, build: Build): PortEnd
  /** What is deployed now: whoever is opened runs it. */
  readonly build: Build
  /** A new worker file, whose pages get a worker of its own; `isLater`: also a later release of ours. */
  deploy(isLater: boolean): void
  /** A tab makes a worker of its own. */
  start(tab: Agent, line: string, build: Build): DedicatedWorker
  /** A way from a tab to such a worker. */
  attach(tab: Agent, worker: DedicatedWorker): PortEnd
  kill(worker: SimWorker): void
  /** A page asks for a Background Sync; rejects where there is none. */
  registerSync(tag: string): Promise<void>
}

interface Shared extends SimWorker {
  readonly connects: Lane
  readonly tabs: Set<Agent>
  serve(port: PortEnd): void
}

export interface BrowserOptions extends WorkerGround {
  /** How long a worker outlives its last tab. */
  readonly lifetimeMs: number
  readonly hasSync: boolean
  /** A worker died, or left the line to another one. */
  onWorkerGone(): void
}

export function createBrowser(options: BrowserOptions): Browser {
  const { weather, system, dice } = options.commons
  const { lifetimeMs } = options
  const byName = new Map<string, Shared>()
  let build: Build = { file: 1, version: VERSION }
  const running = new Set<SimWorker>()
  const dedicated = new Map<DedicatedWorker, Dedicated>()
  let started = 0
  let ports = 0

  function start(name: string, { version }: Build): Shared {
    const { agent, surroundings } = surround(options, `worker ${++started}`, version)
    const broker = createBroker({ ...surroundings, host: 'shared-worker' })
    broker.whileHere((line) => {
      const leave = claimHub({ ...surroundings, broker }, line)
      return () => {
        leave()
        options.onWorkerGone()
      }
    })
    const worker: Shared = {
      name,
      agent,
      connects: agent.thread.lane('connect', weather.boot),
      tabs: new Set(),
      serve: (port) => servePort(broker, port, port.close),
    }
    byName.set(name, worker)
    runs(worker)
    return worker
  }

  function runs(worker: SimWorker): void {
    running.add(worker)
    worker.agent.onDeath(() => {
      running.delete(worker)
      options.onWorkerGone()
    })
  }

  function kill(worker: SimWorker): void {
    worker.agent.kill(true)
    // Who connects in between connects to a worker that dies, and nobody says so.
    system.after(weather.lock(dice), `${worker.agent.thread.name} is forgotten`, () => {
      if (byName.get(worker.name) === worker) byName.delete(worker.name)
    })
  }

  function openPorts(tab: Agent, worker: Agent): readonly [near: PortEnd, far: PortEnd] {
    const pair = createPortPair(`port ${++ports}`, [tab.thread, worker.thread], weather.port)
    tab.holds(pair)
    worker.holds(pair)
    return pair.ends
  }

  function left(worker: Shared, tab: Agent): void {
    if (!worker.tabs.delete(tab) || worker.tabs.size) return
    system.after(lifetimeMs, `${worker.agent.thread.name} is not needed`, () => {
      if (!worker.tabs.size) kill(worker)
    })
  }

  const syncs = createSyncs({ ...options, onStarted: runs })

  return {
    get workers() {
      return [...running]
    },
    registerSync: syncs.register,
    connect(tab, plainName, from) {
      const name = `${plainName} of file ${from.file}`
      const worker = byName.get(name) ?? start(name, from)
      const [near, far] = openPorts(tab, worker.agent)
      if (!worker.tabs.has(tab)) {
        worker.tabs.add(tab)
        tab.onDeath(() => left(worker, tab))
      }
      worker.connects.send('connect', () => worker.serve(far))
      return near
    },
    get build() {
      return build
    },
    deploy(isLater) {
      const { file, version } = build
      const release = version.release + Number(isLater)
      build = { file: file + 1, version: { ...version, release } }
    },
    start(tab, line, { version }) {
      const made = startDedicated(options, `worker ${++started}`, tab, version)
      dedicated.set(made.face, made)
      runs({ name: line, agent: made.agent })
      return made.face
    },
    attach(tab, face) {
      const worker = dedicated.get(face)
      if (!worker) throw new Error('no such worker')
      const [near, far] = openPorts(tab, worker.agent)
      worker.attach(far)
      return near
    },
    kill,
  }
}
