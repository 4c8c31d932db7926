/** The worker of a session: the real broker in the real host. Its backoff is short, as a session is. */
import { createBroker } from '../../../worker/broker.js'
import { realEnvironment, workerScope } from '../../../worker/environment.js'
import { hostInSharedWorker } from '../../../worker/hosts/shared-worker.js'

const timing = { firstRetryMs: 50, backoffBaseMs: 100, backoffCapMs: 400 }
const environment = { ...realEnvironment(), host: 'shared-worker', timing } as const

hostInSharedWorker(workerScope(), createBroker(environment), environment)
