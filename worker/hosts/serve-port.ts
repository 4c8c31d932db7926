/**
 * Owns one port's tie to the broker, whatever carries it. Both sides of a port expose and wrap at once;
 * Comlink tells calls from answers by their type.
 */
import { type Endpoint, expose, wrap } from 'comlink'
import type { TabSurface } from '../../protocol/port.js'
import type { Broker } from '../broker.js'

export function servePort(broker: Broker, port: Endpoint, hangUp: () => void): void {
  const page = wrap<TabSurface>(port)
  // The remote is itself callable; only its two methods are meant to be reached.
  const remote = {
    take: (...parcel: Parameters<TabSurface['take']>) => page.take(...parcel),
    token: () => page.token(),
  }
  expose(broker.accept(remote, hangUp), port)
}
