/**
 * Owns what opens the board without a network: the shell from a cache that is filled at install, the
 * last snapshot of a board when the server does not answer. What is queued comes from the line's own
 * disk and is no business of this file.
 *
 * It takes no WebSocket (no service worker can) and none of `/line`. A new version waits until a
 * person asks for it.
 */
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

self.addEventListener('message', ({ data }) => {
  if (isTakeOver(data)) void self.skipWaiting()
})

const isTakeOver = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'take-over'
