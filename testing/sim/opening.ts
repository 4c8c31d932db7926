/**
 * Owns the question whether a worker got at its database when it began. If not, it goes on in memory as
 * another client: a life whose operations have an order and a fate of their own. Whoever loses a database
 * that it has had goes on as the same one. It does not know what kept the worker from it.
 */
import type { OpenStore } from '../../worker/storage/store.js'

/** What worker/storage/deadline.ts grants, as sums of fractions have it; who has waited less has left by himself. */
const DEADLINE_MS = 4_999

export function watchOpening(open: OpenStore, now: () => number, onUnread: () => void): OpenStore {
  return (request) => {
    if (request.resume || request.probe) return open(request)
    const begun = now()
    let isOpen = false
    request.signal?.addEventListener('abort', () => {
      if (!isOpen && now() - begun >= DEADLINE_MS) onUnread()
    })
    const opening = open({
      ...request,
      onSevered(reason) {
        if (!isOpen) onUnread()
        request.onSevered?.(reason)
      },
    })
    opening.then(() => {
      isOpen = true
    }, onUnread)
    return opening
  }
}
