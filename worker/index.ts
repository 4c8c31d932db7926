/** The door `partyline/worker`: for a worker file of one's own. */

import type { WorkerAuth } from './auth/own-token.js'
import { createBroker } from './broker.js'
import type { Timing } from './connection/timing.js'
import { dedicatedScope, isInSharedWorker, realEnvironment, workerScope } from './environment.js'
import { hostInDedicatedWorker } from './hosts/dedicated-worker.js'
import { hostInSharedWorker } from './hosts/shared-worker.js'

export interface BrokerOptions {
  /** Other figures than the standard ones, in milliseconds. */
  readonly timing?: Partial<Timing> | undefined
  /**
   * Asked for a token when no tab has one to give: a function, or an address that is fetched with
   * cookies and answers with the token as text.
   */
  readonly auth?: WorkerAuth | undefined
}

/**
 * Starts the broker in this SharedWorker; or in this dedicated worker, which a page starts where it
 * has no SharedWorker. Call it at the top level of the worker's script, before any `await`: a tab that
 * connects earlier than that is never heard.
 */
export function startBroker({ timing, auth }: BrokerOptions = {}): void {
  const environment = { ...realEnvironment(), timing, auth }
  if (!isInSharedWorker()) return hostInDedicatedWorker(dedicatedScope(), environment)
  const broker = createBroker({ ...environment, host: 'shared-worker' })
  hostInSharedWorker(workerScope(), broker, environment)
}
