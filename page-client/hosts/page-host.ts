/**
 * Owns the last resort: a dedicated worker for this page alone, where tabs cannot agree on a leader.
 * What it keeps dies with the page, except for what is in the lifeboat.
 *
 * Nothing tells of a worker that was lost before it said a word, and one that is slow looks the same
 * (P12). So the next attempt starts another beside it, and whoever speaks first stays: who is slow loses
 * nothing of what has been loaded for him.
 */
import type { DedicatedWorker, PageEnvironment } from '../environment.js'
import type { Fallback } from './leader-tab.js'

/** For the first word, from when it is asked for: as long as a hello may take. */
const START_MS = 1_000
/** For the next one, because what it knows dies with it. */
const SILENT_MS = 5_000

export interface PageHostOptions {
  readonly environment: Pick<PageEnvironment, 'now' | 'openPort'>
  openDedicated(): DedicatedWorker
  /** Another worker of this page has spoken first. */
  onMoved(): void
}

export function createPageHost({ environment, openDedicated, onMoved }: PageHostOptions): Fallback {
  /** All that may speak. */
  const workers = new Set<DedicatedWorker>()
  /** The one that has spoken, or the latest. */
  let worker: DedicatedWorker | undefined
  let hasSpoken = false
  /** Since when it owes us a word. */
  let silentSince: number | undefined
  /** To whom the port of this page leads. */
  let reached: DedicatedWorker | undefined
  let latest: string | undefined
  let complaints = 0

  function end(kept?: DedicatedWorker): void {
    worker = kept
    hasSpoken = kept !== undefined
    silentSince = undefined
    for (const one of workers) if (one !== kept) drop(one)
  }

  function drop(one: DedicatedWorker): void {
    workers.delete(one)
    one.terminate()
  }

  function start(): DedicatedWorker {
    const made = openDedicated()
    workers.add(made)
    hasSpoken = false
    made.addEventListener('message', () => {
      if (!workers.has(made)) return
      end(made)
      if (reached && reached !== made) onMoved()
    })
    return made
  }

  return {
    open(name, { accused }) {
      // Another name is asked for when this one has never answered; one more is accused when it does no longer.
      if (name !== latest || accused.length > complaints) end()
      latest = name
      complaints = accused.length
      const now = environment.now()
      silentSince ??= now
      if (now - silentSince >= (hasSpoken ? SILENT_MS : START_MS)) worker = undefined
      worker ??= start()
      const own = worker
      reached = own
      return {
        port: environment.openPort(own),
        addEventListener(type, run) {
          own.addEventListener(type, () => {
            // What a running worker throws is reported here too.
            if (hasSpoken && own === worker) return
            drop(own)
            if (own === worker) worker = undefined
            run()
          })
        },
      }
    },
    seen() {},
    claim: () => false,
    // It ends with what it has to send, and its page ends it in any case.
    leave(isSignedOut) {
      reached = undefined
      if (isSignedOut) end()
    },
    sleep() {
      reached = silentSince = undefined
    },
  }
}
