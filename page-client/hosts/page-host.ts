/**
 * Owns the last resort: a dedicated worker for this page alone, where tabs cannot agree on a leader.
 * What it keeps dies with the page, except for what is in the lifeboat.
 */
import type { DedicatedWorker, PageEnvironment } from '../environment.js'
import type { Fallback } from './leader-tab.js'

export function createPageHost(
  openDedicated: () => DedicatedWorker,
  openPort: PageEnvironment['openPort'],
): Fallback {
  let worker: DedicatedWorker | undefined
  let latest: string | undefined
  let isUp = false
  let complaints = 0

  function end(): void {
    worker?.terminate()
    worker = undefined
    isUp = false
  }

  function start(): DedicatedWorker {
    const made = openDedicated()
    made.addEventListener('message', () => {
      isUp = true
    })
    return made
  }

  return {
    open(name, { accused }) {
      // Another name is asked for when this one has never answered; one more is accused when it does no longer.
      if (name !== latest || accused.length > complaints) end()
      latest = name
      complaints = accused.length
      worker ??= start()
      const own = worker
      return {
        port: openPort(own),
        addEventListener(type, run) {
          own.addEventListener(type, () => {
            // What a running worker throws is reported here too.
            if (isUp) return
            if (own === worker) end()
            run()
          })
        },
      }
    },
    seen() {},
    claim: () => false,
    // It ends with what it has to send, and its page ends it in any case.
    leave(isSignedOut) {
      if (isSignedOut) end()
    },
    sleep() {},
  }
}
