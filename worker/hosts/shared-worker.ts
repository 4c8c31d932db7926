/**
 * Owns the SharedWorker host: every port that connects gets a surface of the one broker. Both sides
 * of a port expose and wrap at once; Comlink tells calls from answers by their type.
 *
 * `onconnect` is set in the first turn of the script, or the first tab's connect would be lost (F15).
 */
import { expose, wrap } from 'comlink'
import type { TabSurface } from '../../protocol/port.js'
import type { Broker } from '../broker.js'

export function hostInSharedWorker(scope: SharedWorkerGlobalScope, broker: Broker): void {
  scope.onconnect = ({ ports }) => {
    const [port] = ports
    if (!port) return
    const page = wrap<TabSurface>(port)
    // The remote is itself callable; only its two methods are meant to be reached.
    const remote = {
      take: (...parcel: Parameters<TabSurface['take']>) => page.take(...parcel),
      token: () => page.token(),
    }
    expose(
      broker.accept(remote, () => port.close()),
      port,
    )
  }
}
