/**
 * Owns the SharedWorker host: every port that connects gets a surface of the one broker, and so does
 * every tab of the line that cannot connect, over the hub.
 *
 * `onconnect` is set in the first turn of the script, or the first tab's connect would be lost (F15).
 */
import type { OpenBroadcast } from '../../protocol/hub.js'
import type { Broker } from '../broker.js'
import type { Clock } from '../clock.js'
import type { Locks } from '../tabs/locks.js'
import { claimHub } from './hub-host.js'
import { servePort } from './serve-port.js'

export interface SharedWorkerSurroundings {
  readonly clock: Clock
  readonly locks: Locks | null
  readonly openBus: OpenBroadcast | null
  newId(): string
}

export function hostInSharedWorker(
  scope: SharedWorkerGlobalScope,
  broker: Broker,
  { clock, locks, openBus, newId }: SharedWorkerSurroundings,
): void {
  scope.onconnect = ({ ports }) => {
    const [port] = ports
    if (port) servePort(broker, port, () => port.close())
  }
  // Without locks nobody can know who serves whom.
  if (!locks || !openBus) return
  broker.whileHere((line) => claimHub({ broker, clock, locks, openBus, newId }, line))
}
