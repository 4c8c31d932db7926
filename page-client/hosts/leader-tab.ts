/**
 * Owns this tab's part where a leader tab serves the line: it stands for election, and reaches whoever
 * leads, itself too, by a port over the hub. It does not know what is said over the port.
 */
import { type Broadcast, type HubWord, hubName, type OpenBroadcast } from '../../protocol/hub.js'
import { leaderLockName } from '../../protocol/line-name.js'
import type { DedicatedWorker, PageEnvironment, WorkerHandle } from '../environment.js'
import type { Place } from '../whereabouts.js'
import { createElection, type Election } from './election.js'
import { type HubPort, openHubPort } from './hub-port.js'
import { createReign, type LeaderReign } from './leader-reign.js'

export interface Fallback {
  /** In a worker of that name, as far as it has one; what is accused there does not answer. */
  open(name: string, place: Pick<Place, 'accused' | 'isHubTaken' | 'isGuest'>): WorkerHandle
  seen(isVisible: boolean): void
  /** The line is served by an older contract than this page's. Says whether it may be served here instead. */
  claim(): boolean
  /** This tab leaves in good order, while its page lives on. Signed out, nobody has anything to finish (P13). */
  leave(isSignedOut?: boolean): void
  /** It may be gone any moment. */
  sleep(): void
}

export interface LeaderTabOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'wall' | 'random'>
  readonly line: string
  readonly openBroadcast: OpenBroadcast
  queueForLock(name: string, run: () => void, onLost: () => void): () => void
  whenLockFree(name: string, run: () => void): () => void
  freeLock(name: string): void
  openDedicated(): DedicatedWorker
  /** Another host serves the line. */
  onMoved(): void
}

/** A port, and whom it tells that no worker came about. */
interface Attempt extends HubPort {
  fail(): void
}

export function createLeaderTab(options: LeaderTabOptions): Fallback {
  const { environment, line, openBroadcast } = options
  let isVisible = true
  let hub: Broadcast | undefined
  let election: Election | undefined
  let reign: LeaderReign | undefined
  /** The port of the latest attempt. */
  let own: Attempt | undefined
  /** The name under which this tab last asked for a worker. */
  let asked: string | undefined

  const say = (word: HubWord): void => hub?.post(word)

  function wake(): void {
    hub ??= openBroadcast(hubName(line), (message) => heard(message as HubWord))
    election ??= createElection({
      isVisible,
      after: environment.after,
      queue: (run, onLost) => options.queueForLock(leaderLockName(line), run, onLost),
      say,
      lead,
    })
  }

  function lead() {
    try {
      const worker = options.openDedicated()
      const { whenLockFree } = options
      const { after } = environment
      reign = createReign({ worker, line, after, whenLockFree, onFailed: fail, onLost: stepDown })
      return reign
    } catch {
      fail()
      return undefined
    }
  }

  /** Others may be able to lead; then they say so, and this tab follows. With its next attempt it stands again. */
  function stepDown(): void {
    election?.end()
    election = undefined
  }

  function fail(): void {
    const failed = own
    own = undefined
    stepDown()
    failed?.fail()
  }

  /**
   * Whoever serves the line does not answer. A worker can be ended by its page only, or bereft. Where none
   * is accused, because it has not shown its life, another name is asked for.
   */
  function doubt(name: string, place: Pick<Place, 'accused' | 'isHubTaken'>): void {
    if (place.isHubTaken) options.freeLock(leaderLockName(line))
    const isSame = name === (asked ?? name)
    asked = name
    if (isSame && !place.accused.length) return
    say({ kind: 'doubt' })
    reign?.doubt()
  }

  function heard(word: HubWord): void {
    if (word.kind === 'doubt') return reign?.doubt()
    election?.heard(word)
    if (word.kind === 'here' && !own?.isStill(word.host)) options.onMoved()
  }

  function close(): void {
    hub?.close()
    hub = undefined
    election = undefined
  }

  return {
    open(name, place) {
      wake()
      doubt(name, place)
      const errors = new Set<() => void>()
      const port = openHubPort({
        ...options,
        say,
        onClose() {
          if (own === current) own = undefined
        },
      })
      const current: Attempt = {
        ...port,
        fail() {
          for (const run of errors) run()
        },
      }
      own = current
      return { port: port.port, addEventListener: (_type, run) => void errors.add(run) }
    },
    seen(now) {
      isVisible = now
      election?.seen(now)
    },
    claim() {
      say({ kind: 'claim', by: 'later' })
      return true
    },
    leave() {
      void election?.leave()
      close()
    },
    sleep() {
      election?.end()
      close()
    },
  }
}
