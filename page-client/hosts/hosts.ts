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
import type { Failing } from '../attachment.js'
import type { DedicatedWorker, PageEnvironment, WorkerHandle } from '../environment.js'
import { openGuestPort } from './hub-port.js'
import { createLeaderTab, type Fallback } from './leader-tab.js'
import { createPageHost } from './page-host.js'

export interface Hosts extends Omit<Fallback, 'claim'> {
  /** Where the broker is, until it says so itself. */
  readonly host: Host
  /** The SharedWorker does not work; says whether there is another host to try. */
  giveUp(why: Failing, cause?: unknown): boolean
  /** The broker does not take this page. Says whether it is only to wait for another one. */
  outdates(error: ErrorInfo): boolean
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

export function createHosts(options: HostsOptions): Hosts {
  const { environment, line, workerUrl: url, worker } = options
  const { openWorker, openDedicated, openBroadcast, queueForLock, whenLockFree, freeLock } =
    environment
  if (!openWorker && !openDedicated) throw new PartylineError(pageError('no-worker', {}))
  const locks = queueForLock && whenLockFree && freeLock && { queueForLock, whenLockFree, freeLock }
  const fallbackHost: Host = openBroadcast && locks ? 'leader-tab' : 'page'
  const asked = { type: 'module', extendedLifetime: true } as const
  let fallback: Fallback | undefined
  let isVisible = true

  function fallBack(): Fallback {
    if (fallback) return fallback
    fallback =
      openBroadcast && locks
        ? createLeaderTab({ ...options, ...locks, openBroadcast, openDedicated: dedicated })
        : createPageHost({ ...options, openDedicated: dedicated })
    fallback.seen(isVisible)
    return fallback
  }

  function dedicated(): DedicatedWorker {
    const request: WorkerRequest = { ...asked, name: line, isShared: false }
    if (!openDedicated) throw new TypeError('there are no dedicated workers here')
    const made = typeof worker === 'function' ? worker(request) : openDedicated(worker, request)
    if ('port' in made) throw new TypeError('the function made a SharedWorker, asked for a Worker')
    return made
  }

  function shared(open: NonNullable<typeof openWorker>, name: string): WorkerHandle {
    const request: WorkerRequest = { ...asked, name, isShared: true }
    const made = typeof worker === 'function' ? worker(request) : open(worker, request)
    if (!('port' in made)) throw new TypeError('the function made no SharedWorker')
    return made
  }

  return {
    get host() {
      return openWorker && !fallback ? 'shared-worker' : fallbackHost
    },
    open(name, place) {
      if (fallback || !openWorker) return fallBack().open(name, place)
      // A word from another worker brings us here, so there are channels.
      if (place.isGuest && openBroadcast) return openGuestPort({ ...options, openBroadcast })
      return shared(openWorker, name)
    },
    giveUp(why, cause) {
      if (!openWorker || fallback || !openDedicated) return false
      const info = pageError('no-shared-worker', { url, why, host: fallbackHost })
      options.onWarning(info, cause)
      if (options.isHeard) environment.report(new PartylineError(info, { cause }))
      fallBack()
      return true
    },
    outdates({ code, details }) {
      const isLater = code === 'contract-mismatch' && details.page > details.worker
      return (isLater && fallback?.claim()) ?? false
    },
    seen(now) {
      isVisible = now
      fallback?.seen(now)
    },
    leave: (isSignedOut) => fallback?.leave(isSignedOut),
    sleep: () => fallback?.sleep(),
  }
}
