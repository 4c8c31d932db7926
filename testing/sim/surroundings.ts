/** Owns what a simulated browser gives to a broker, whichever kind of worker it runs in. */
import type { Version } from '../../protocol/version.js'
import type { BrokerEnvironment } from '../../worker/broker.js'
import { type Agent, createAgent } from './agent.js'
import type { Commons } from './commons.js'
import type { Disks, OwnDisk } from './disk.js'
import type { Network } from './network.js'
import { watchOpening } from './opening.js'

export interface WorkerGround {
  readonly commons: Commons
  readonly disks: Disks
  readonly network: Network
  /** A worker has begun without its database. */
  onUnread(): void
}

export interface Surrounded {
  readonly agent: Agent
  readonly surroundings: Omit<BrokerEnvironment, 'host' | 'locks' | 'openBus' | keyof OwnDisk> &
    OwnDisk & { readonly locks: Agent['locks']; readonly openBus: Agent['bus']['open'] }
}

export function surround(
  { commons, disks, network, onUnread }: WorkerGround,
  name: string,
  version: Version,
): Surrounded {
  const agent = createAgent(commons, name)
  const own = disks.of(agent)
  const prefix = name.replace(' ', '')
  let ids = 0
  return {
    agent,
    surroundings: {
      clock: agent.clock,
      random: commons.scheduler.dice(name).roll,
      openSocket: network.openerOf(agent),
      ...own,
      openStore: watchOpening(own.openStore, agent.clock.now, onUnread),
      locks: agent.locks,
      openBus: agent.bus.open,
      newId: () => `${prefix}-${++ids}`,
      version,
    },
  }
}
