/** The door `partyline/service-worker`: the way out when no page lives. */
import type { WorkerAuth } from './auth/own-token.js'
import { createDrain } from './drain.js'
import { realEnvironment, serviceWorkerScope } from './environment.js'
import { hostInServiceWorker } from './hosts/service-worker.js'
import { hasQueued } from './storage/has-queued.js'

export interface BackgroundOptions {
  /**
   * Called, or fetched with cookies, when the server needs a token: no page is there to be asked, and
   * tokens are never on disk. Where cookies alone sign people in, leave it out.
   */
  readonly auth?: WorkerAuth | undefined
  /**
   * How long one sync may take, in milliseconds. Default: 25,000, at most 150,000: what is left then
   * is tried again later, while a sync that the browser has to end is ended in the middle.
   */
  readonly limitMs?: number | undefined
}

const LIMIT_MS = 25_000
/** Chromium allows three minutes, and leaving takes some seconds. */
const LIMIT_MAX_MS = 150_000

/**
 * Sends what is queued when the browser fires a Background Sync and no page lives. Call it at the top
 * level of the service worker's script; a sync that it does not know it leaves alone.
 *
 * Pages register the sync by themselves. A browser without Background Sync never fires one: there the
 * next visit sends what is queued.
 */
export function deliverInBackground({ auth, limitMs = LIMIT_MS }: BackgroundOptions = {}): void {
  const drain = createDrain({
    ...realEnvironment(),
    hasQueued,
    auth,
    limitMs: Math.min(limitMs, LIMIT_MAX_MS),
  })
  hostInServiceWorker(serviceWorkerScope(), drain)
}
