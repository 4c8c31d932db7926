/**
 * Owns the opening of a store (P2): every attempt fails at its deadline, at most one is under way, and
 * what opens later than that is closed at once.
 */
import type { Clock } from '../clock.js'
import { onDeadline } from './deadline.js'
import type { OpenStore, Store, StoreRequest } from './store.js'

export interface OpenerOptions {
  readonly open: OpenStore
  readonly request: Pick<StoreRequest, 'line' | 'durability' | 'newClient'>
  readonly clock: Clock
  onSevered(store: Store, reason: unknown): void
}

export interface Opener {
  /** Rejects at the deadline at the latest. */
  open(as?: Pick<StoreRequest, 'resume' | 'probe'>): Promise<Store>
  /**
   * Resolves when the engine has answered the last attempt, however late. It answers requests for one
   * database in their order: another one before that would only wait behind this one.
   */
  answered(): Promise<void>
  /** Gives up the attempt that is under way; stores that were given out are not its business. */
  close(): void
}

export function createOpener({ open, request, clock, onSevered }: OpenerOptions): Opener {
  let answered = Promise.resolve()
  let giveUp = (_reason: unknown): void => {}

  return {
    open(as = {}) {
      const abort = new AbortController()
      let store: Store | undefined
      let isBlocked = false
      /** It was severed before anybody had it. */
      let severed: { readonly reason: unknown } | undefined
      const opening = open({
        ...request,
        ...as,
        wall: clock.wall,
        signal: abort.signal,
        onBlocked() {
          isBlocked = true
        },
        onSevered(reason) {
          severed = { reason }
          if (store) onSevered(store, reason)
        },
      })
      return new Promise((resolve, reject) => {
        const end = (reason: unknown): void => {
          stop()
          abort.abort()
          reject(reason)
        }
        const stop = onDeadline(clock, () => {
          const why = isBlocked ? ': an older version of it is open elsewhere' : ''
          end(new Error(`the database did not open in time${why}`))
        })
        giveUp = end
        answered = opening
          .then((opened) => {
            if (severed) reject(severed.reason)
            if (severed || abort.signal.aborted) return opened.close()
            store = opened
            resolve(opened)
          }, reject)
          .finally(stop)
      })
    },
    answered: () => answered,
    close: () => giveUp(new Error('nobody waits for the database any more')),
  }
}
