/**
 * Owns the last resort: a dedicated worker for this page alone, where tabs cannot agree on a leader.
 * What it keeps dies with the page, except for what is in the lifeboat.
 */
import type { DedicatedWorker } from '../environment.js'
import type { Fallback } from './leader-tab.js'

export function createPageHost(openDedicated: () => DedicatedWorker): Fallback {
  let worker: DedicatedWorker | undefined
  return {
    open() {
      worker ??= openDedicated()
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ kind: 'attach' }, [port2])
      return { port: port1, addEventListener: worker.addEventListener.bind(worker) }
    },
    seen() {},
    // It ends with what it has to send, and its page ends it in any case.
    leave() {},
    sleep() {},
  }
}
