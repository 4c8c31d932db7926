/**
 * Owns one port's tie to the broker, whatever carries it. Both sides of a port expose and wrap at once;
 * Comlink tells calls from answers by their type.
 */
import { type Endpoint, expose, releaseProxy, wrap } from 'comlink'
import type { TabSurface } from '../../protocol/port.js'
import type { Broker } from '../broker.js'

export function servePort(
  broker: Pick<Broker, 'accept'>,
  port: Endpoint,
  hangUp: () => void,
): void {
  const page = wrap<TabSurface>(port)
  // The remote is itself callable; only its two methods are meant to be reached.
  const remote = {
    take: async (...parcel: Parameters<TabSurface['take']>) => page.take(...parcel),
    token: async () => page.token(),
  }
  function end(): void {
    // First, so that what Comlink says on release stays unsaid.
    hangUp()
    // Comlink holds the port until the proxy is collected, and over the port the proxy is reached.
    page[releaseProxy]()
  }
  expose(broker.accept(remote, end), port)
}
