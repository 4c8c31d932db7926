/**
 * Owns what a browser gives to one of its processes, a tab or a worker, and takes from it when it dies:
 * a thread, locks, broadcast channels, timers. All of it passes the one thread.
 */
import type { BusAgent } from '../memory-bus.js'
import type { LockAgent } from '../memory-locks.js'
import type { Commons } from './commons.js'
import type { PortPair } from './port-pair.js'
import type { Thread } from './scheduler.js'

export interface Agent {
  readonly thread: Thread
  readonly locks: LockAgent
  readonly bus: BusAgent
  readonly clock: {
    now(): number
    wall(): number
    after(ms: number, run: () => void): () => void
  }
  /** A port of it, whose words may be lost with it. */
  holds(pair: PortPair): void
  /** Runs when it dies. */
  onDeath(run: () => void): void
  /** `losing`: some of what it had posted is lost. */
  kill(losing: boolean): void
}

export function createAgent(commons: Commons, name: string): Agent {
  const { scheduler, weather } = commons
  const thread = scheduler.thread(name)
  const lockLane = thread.lane('lock', weather.lock)
  const busLane = thread.lane('bus', weather.port)
  const locks = commons.locks.agent(lockLane.send)
  const bus = commons.buses.agent(busLane.send)
  const pairs: PortPair[] = []
  const deaths: (() => void)[] = []
  return {
    thread,
    locks,
    bus,
    clock: {
      now: () => scheduler.now,
      wall: scheduler.wall,
      after: (ms, run) => thread.after(ms, 'timer', run),
    },
    holds: (pair) => void pairs.push(pair),
    onDeath: (run) => void deaths.push(run),
    kill(losing) {
      if (thread.state === 'dead') return
      thread.kill()
      bus.kill()
      if (losing) for (const pair of pairs) pair.sever(thread)
      for (const run of deaths) run()
      // The browser notices a little later.
      commons.system.after(weather.lock(commons.dice), `locks of ${name} are freed`, locks.kill)
    },
  }
}
