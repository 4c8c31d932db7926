/**
 * Owns the death of a worker in tests, as a browser deals it: from one moment to the next it holds no
 * lock and no socket, hears no timer and no message, and what it was writing is never known to have been
 * written. Until then all that reaches it passes its one thread.
 */
import type { OpenBroadcast } from '../protocol/hub.js'
import type { BrokerEnvironment } from '../worker/broker.js'
import type { LockAgent } from './memory-locks.js'
import { createWorkerThread } from './worker-thread.js'

export type Surroundings = Omit<BrokerEnvironment, 'host' | 'locks' | 'openBus'> & {
  readonly openBus: OpenBroadcast
}

export function createMortal(real: Surroundings, agent: LockAgent) {
  const undo: (() => void)[] = []
  const thread = createWorkerThread()
  let isDead = false
  const openSocket: Surroundings['openSocket'] = (url, protocol, events) => {
    const socket = real.openSocket(url, protocol, events)
    undo.push(() => void socket.close(1006))
    return socket
  }
  const openBus: OpenBroadcast = (name, onMessage) => {
    const bus = real.openBus(name, onMessage)
    undo.push(bus.close)
    return { post: (message) => isDead || bus.post(message), close: bus.close }
  }
  const { openStore } = real
  return {
    thread,
    surroundings: {
      ...real,
      locks: thread.locks(agent),
      openSocket: thread.socket(openSocket),
      openBus: thread.bus(openBus),
      clock: thread.clock(real.clock),
      openStore:
        openStore &&
        (async (request: Parameters<typeof openStore>[0]) => {
          const store = await openStore(request)
          return {
            ...store,
            commit: (changes: Parameters<typeof store.commit>[0]) =>
              isDead ? new Promise<never>(() => {}) : store.commit(changes),
          }
        }),
    },
    kill() {
      isDead = true
      thread.kill()
      agent.kill()
      for (const run of undo.splice(0)) run()
    },
  }
}
