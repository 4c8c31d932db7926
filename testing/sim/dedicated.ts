/**
 * Owns the dedicated workers of simulated tabs: the real host, in a thread of its own, which ends with its
 * tab, stops when the tab is frozen, and is terminated when the tab says so.
 */
import type { DedicatedWorker } from '../../page-client/environment.js'
import type { Order, Report } from '../../protocol/hub.js'
import type { Version } from '../../protocol/version.js'
import { type DedicatedScope, hostInDedicatedWorker } from '../../worker/hosts/dedicated-worker.js'
import type { Agent } from './agent.js'
import type { PortEnd } from './port-pair.js'
import { surround, type WorkerGround } from './surroundings.js'

export interface Dedicated {
  readonly face: DedicatedWorker
  readonly agent: Agent
  /** Its page wants a way to it that is its own. */
  attach(port: PortEnd): void
}

export function startDedicated(
  ground: WorkerGround,
  name: string,
  tab: Agent,
  version: Version,
): Dedicated {
  const { weather } = ground.commons
  const { agent, surroundings } = surround(ground, name, version)
  const toPage = tab.thread.lane(name, weather.port)
  const toWorker = agent.thread.lane(name, weather.boot)
  const heard: ((event: { readonly data: unknown }) => void)[] = []
  const scope: DedicatedScope = {
    onmessage: null,
    postMessage: (data: Report) =>
      toPage.send(data, () => {
        for (const run of heard) run({ data })
      }),
  }
  hostInDedicatedWorker(scope, surroundings)
  tab.onDeath(() => agent.kill(true))
  return {
    agent,
    attach: (port) =>
      toWorker.send('attach', () => scope.onmessage?.({ data: { kind: 'attach' }, ports: [port] })),
    face: {
      postMessage: (data: Order) =>
        toWorker.send(data.kind, () => scope.onmessage?.({ data, ports: [] })),
      addEventListener(type: string, run: (event: { readonly data: unknown }) => void) {
        if (type === 'message') heard.push(run)
      },
      terminate: () => agent.kill(true),
    },
  }
}
