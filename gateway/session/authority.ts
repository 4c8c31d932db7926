/**
 * Owns who a connection speaks for: asked at the hello, asked again with every new token, warned
 * before the token ends. The identity never changes within a connection (P13).
 */
import type { Clock } from '../environment.js'
import type { Authenticate, ConnectionRequest } from '../operations/operations.js'

export type Admission = 'admitted' | 'refused' | 'failed'

export interface Authority {
  /** '' until somebody is admitted; it stays '' for the anonymous. */
  readonly identity: string
  /** `failed`: nobody could tell. */
  admit(token: string | undefined): Promise<Admission>
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
  readonly onFailure: (error: unknown) => void
}

/** How long before its end a token is asked for anew. */
const NOTICE_MS = 30_000
/** No timer waits longer. */
const TIMER_MAX_MS = 2 ** 31 - 1

export function createAuthority(options: AuthorityOptions): Authority {
  const { authenticate, request, clock, onNeeded, onEnded, onFailure } = options
  let identity: string | undefined
  let stopTimer: (() => void) | undefined
  let asked = 0
  let isClosed = false

  function watch(expiresIn: number): void {
    const notice = Math.min(NOTICE_MS, expiresIn)
    stopTimer = clock.after(expiresIn - notice, () => {
      stopTimer = clock.after(notice, onEnded)
      onNeeded(notice)
    })
  }

  return {
    get identity() {
      return identity ?? ''
    },
    async admit(token) {
      const mine = ++asked
      try {
        const caller = await authenticate(token, request)
        // A newer token is being looked at, or nobody waits any more.
        if (isClosed || mine !== asked) return 'admitted'
        if (!caller || (identity !== undefined && caller.identity !== identity)) return 'refused'
        identity = caller.identity
        stopTimer?.()
        stopTimer = undefined
        if (caller.expiresIn !== undefined && caller.expiresIn <= TIMER_MAX_MS) {
          watch(Math.max(0, caller.expiresIn))
        }
        return 'admitted'
      } catch (error) {
        onFailure(error)
        return 'failed'
      }
    },
    close() {
      isClosed = true
      stopTimer?.()
    },
  }
}
