/**
 * Owns the asking for a Background Sync, so that a service worker drains what is queued after the last
 * tab has gone: once for each time that it may be needed, and whenever the page may go, because the one
 * before may have been used up. Where there is no service worker, or the person has forbidden it, the
 * next visit does it.
 */
import type { Status } from '../protocol/status.js'

export interface Background {
  told(status: Status): void
  /**
   * The page is hidden or leaves: nobody knows for how long. `isSending`: it has sent what no status
   * has counted yet.
   */
  concealed(isSending?: boolean): void
}

export function createBackground(registerSync: () => Promise<void>): Background {
  let queued = 0
  let asked: Promise<void> | undefined

  function ask(): void {
    const own = registerSync()
    asked = own
    own.catch(() => {
      // The service worker may come yet.
      if (asked === own) asked = undefined
    })
  }

  return {
    told(status) {
      queued = status.queued
      // An online line uses up the sync that was asked for.
      if (status.state === 'online' || !queued) asked = undefined
      else if (!asked) ask()
    },
    concealed(isSending) {
      if (queued || isSending) ask()
    },
  }
}
