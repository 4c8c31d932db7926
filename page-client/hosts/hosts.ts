/**
 * Owns the choice of where this page finds its broker: in the SharedWorker; else with a leader tab; else,
 * where there are no locks to elect one or no channel to reach it, in a worker of its own.
 *
 * A SharedWorker that does not work is given up for the life of the page, and the app is told why. If
 * it was only slow it takes the line over when it has come up, and serves this page over the hub (F5):
 * there is no need to go back.
 */
import { type ErrorInfo, PartylineError } from '../../protocol/errors.js'
import { pageError } from '../../protocol/sentences.js'
import type { Host } from '../../protocol/status.js'
import type { ConnectOptions, WorkerRequest } from '../api.js'
import type { DedicatedWorker, PageEnvironment, WorkerHandle } from '../environment.js'
import { createLeaderTab, type Fallback } from './leader-tab.js'
import { createPageHost } from './page-host.js'

export interface Hosts extends Fallback {
  /** Where the broker is, until it says so itself. */
  readonly host: Host
  /** The worker has answered: from now on its errors are its own. */
  answered(): void
  /** The worker is silent; whether there is another host to try. */
  silent(): boolean
}

export interface HostsOptions {
  readonly environment: PageEnvironment
  readonly line: string
  /** For error messages. */
  readonly workerUrl: string
  readonly worker: ConnectOptions['worker']
  /** The port leads nowhere any more: attach again. */
  onMoved(): void
  /** Whether the app hears warnings; then they go to the console as well, where a person looks. */
  readonly isHeard: boolean
  onWarning(error: ErrorInfo, cause: unknown): void
}

type Why = 'refused' | 'failed' | 'silent'

export function createHosts(options: HostsOptions): Hosts {
  const { environment, line, workerUrl: url, worker } = options
  const { openWorker, openDedicated, openBroadcast, queueForLock } = environment
  if (!openWorker && !openDedicated) throw new PartylineError(pageError('no-worker', {}))
  const fallbackHost: Host = openBroadcast && queueForLock ? 'leader-tab' : 'page'
  const asked = { type: 'module', name: line, extendedLifetime: true } as const
  let fallback: Fallback | undefined
  let isVisible = true
  let isAnswered = false

  function fallBack(): Fallback {
    if (fallback) return fallback
    fallback =
      openBroadcast && queueForLock
        ? createLeaderTab({ ...options, openBroadcast, queueForLock, openDedicated: dedicated })
        : createPageHost(dedicated)
    fallback.seen(isVisible)
    return fallback
  }

  function dedicated(): DedicatedWorker {
    const request: WorkerRequest = { ...asked, isShared: false }
    if (!openDedicated) throw new TypeError('there are no dedicated workers here')
    const made = typeof worker === 'function' ? worker(request) : openDedicated(worker, request)
    if ('port' in made) throw new TypeError('the function made a SharedWorker, asked for a Worker')
    return made
  }

  function shared(open: NonNullable<typeof openWorker>): WorkerHandle {
    const request: WorkerRequest = { ...asked, isShared: true }
    const made = typeof worker === 'function' ? worker(request) : open(worker, request)
    if (!('port' in made)) throw new TypeError('the function made no SharedWorker')
    return made
  }

  /** Whether there is another host to try. */
  function giveUp(why: Why, cause?: unknown): boolean {
    if (fallback || !openDedicated) return false
    const info = pageError('no-shared-worker', { url, why, host: fallbackHost })
    options.onWarning(info, cause)
    if (options.isHeard) environment.report(new PartylineError(info, { cause }))
    fallBack()
    return true
  }

  function openShared(open: NonNullable<typeof openWorker>): WorkerHandle {
    isAnswered = false
    const handle = shared(open)
    return {
      port: handle.port,
      addEventListener(type, run) {
        handle.addEventListener(type, () => {
          // Firefox also reports here what a running worker throws.
          if (isAnswered || fallback) return
          if (giveUp('failed')) options.onMoved()
          else run()
        })
      },
    }
  }

  return {
    get host() {
      return openWorker && !fallback ? 'shared-worker' : fallbackHost
    },
    open() {
      if (fallback || !openWorker) return fallBack().open()
      try {
        return openShared(openWorker)
      } catch (cause) {
        if (!giveUp('refused', cause)) throw cause
        return fallBack().open()
      }
    },
    answered() {
      isAnswered = true
    },
    silent() {
      return giveUp('silent')
    },
    seen(now) {
      isVisible = now
      fallback?.seen(now)
    },
    leave: () => fallback?.leave(),
    sleep: () => fallback?.sleep(),
  }
}
