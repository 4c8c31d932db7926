/**
 * Owns what works without a page or without a network: the shell from a cache that is filled at
 * install, the last snapshot of a board when the server does not answer, and the way out for what is
 * queued when nobody has the board open any more.
 *
 * It takes no WebSocket (no service worker can) and none of `/line`. A new version waits until a
 * person asks for it.
 */
import { deliverInBackground } from 'partyline/service-worker'
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { NetworkFirst } from 'workbox-strategies'

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[]
}

const PATIENCE_SECONDS = 3

cleanupOutdatedCaches()
precacheAndRoute([...self.__WB_MANIFEST])

registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/line(\/|$)/, /^\/api\//],
  }),
)
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/api/board/'),
  new NetworkFirst({ cacheName: 'boards', networkTimeoutSeconds: PATIENCE_SECONDS }),
)

// As in open-line.ts: a real app would fetch a session token here.
deliverInBackground({ auth: ({ identity }) => identity })

self.addEventListener('message', ({ data }) => {
  if (isTakeOver(data)) void self.skipWaiting()
})

const isTakeOver = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'take-over'
