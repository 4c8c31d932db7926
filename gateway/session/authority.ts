/**
 * Owns who a connection speaks for: asked at the hello, asked again with every new token, warned
 * before the token ends. The identity never changes within a connection (P13).
 */
import type { Clock } from '../environment.js'
import type { Authenticate, Caller, ConnectionRequest } from '../operations/operations.js'

export interface Authority {
  /** As the newest token says that was admitted. The identity is '' before, and for the anonymous. */
  readonly caller: Caller
  /** While a token is looked at: what came behind it waits, and is judged with it. Never rejects. */
  readonly deciding: Promise<unknown> | undefined
  /** False: one of the callbacks has been told why not. */
  admit(token: string | undefined): Promise<boolean>
  close(): void
}

export interface AuthorityOptions {
  readonly authenticate: Authenticate
  readonly request: ConnectionRequest
  readonly clock: Clock
  /** The token ends in so many milliseconds. */
  readonly onNeeded: (within: number) => void
  /** It has ended. */
  readonly onEnded: () => void
  /** It is nobody's, or somebody else's. Called before anything that waits for it goes on. */
  readonly onRefused: (why: string) => void
  /** Nobody could tell whose it is. */
  readonly onFailure: (error: unknown) => void
}

/** How long before its end a token is asked for anew; of a short life the half, or none would last. */
const NOTICE_MS = 30_000
/** No timer waits longer. */
const TIMER_MAX_MS = 2 ** 31 - 1
const NOBODY: Caller = { identity: '' }

export function createAuthority(options: AuthorityOptions): Authority {
  const { authenticate, request, clock, onNeeded, onEnded, onRefused, onFailure } = options
  let caller: Caller | undefined
  let deciding: Promise<unknown> | undefined
  let stopTimer: (() => void) | undefined
  let asked = 0
  let isClosed = false

  function watch(expiresIn: number): void {
    const notice = Math.min(NOTICE_MS, expiresIn / 2)
    stopTimer = clock.after(expiresIn - notice, () => {
      stopTimer = clock.after(notice, onEnded)
      onNeeded(notice)
    })
  }

  async function look(token: string | undefined): Promise<boolean> {
    const mine = ++asked
    try {
      const found = await authenticate(token, request)
      // A newer token is being looked at, or nobody waits any more.
      if (isClosed || mine !== asked) return !isClosed
      if (!found || (caller && found.identity !== caller.identity)) {
        onRefused(caller ? 'the new token is not valid here' : 'the token is not valid')
        return false
      }
      caller = found
      stopTimer?.()
      stopTimer = undefined
      const { expiresIn = Infinity } = found
      if (expiresIn <= TIMER_MAX_MS) watch(Math.max(0, expiresIn))
      return true
    } catch (error) {
      onFailure(error)
      return false
    }
  }

  return {
    get caller() {
      return caller ?? NOBODY
    },
    get deciding() {
      return deciding
    },
    admit(token) {
      const admission = look(token).finally(() => {
        if (deciding === admission) deciding = undefined
      })
      deciding = admission
      return admission
    },
    close() {
      isClosed = true
      stopTimer?.()
    },
  }
}
