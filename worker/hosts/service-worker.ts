/**
 * Owns the service worker host: a sync whose tag is the name of a line drains that line, and every
 * other sync is somebody else's. The browser is told the truth: a sync that leaves operations behind
 * has failed, and is tried again (P2).
 */
import type { Drain, Ending } from '../drain.js'
import { parseSyncTag } from '../sync-tag.js'

/** Background Sync is Chromium's alone, so the library's types do not have it. */
interface SyncEvent extends Event {
  readonly tag: string
  waitUntil(done: Promise<void>): void
}

export function hostInServiceWorker(scope: EventTarget, drain: Drain): void {
  scope.addEventListener('sync', (event) => {
    const sync = event as SyncEvent
    const address = parseSyncTag(sync.tag)
    if (address) sync.waitUntil(drain(address).then(insist))
  })
}

function insist(ending: Ending): void {
  if (ending !== 'empty') throw new Error(`Partyline: operations may be left (${ending}).`)
}
