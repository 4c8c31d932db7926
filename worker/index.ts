/** The door `partyline/worker`: for a worker file of one's own. */
import { createBroker } from './broker.js'
import type { Timing } from './connection/timing.js'
import { realEnvironment, workerScope } from './environment.js'
import { hostInSharedWorker } from './hosts/shared-worker.js'

export interface BrokerOptions {
  /** Other figures than the standard ones, in milliseconds. */
  readonly timing?: Partial<Timing> | undefined
}

/**
 * Starts the broker in this SharedWorker. Call it at the top level of the worker's script, before any
 * `await`: a tab that connects earlier than that is never heard.
 */
export function startBroker({ timing }: BrokerOptions = {}): void {
  hostInSharedWorker(
    workerScope(),
    createBroker({ ...realEnvironment(), host: 'shared-worker', timing }),
  )
}
