/**
 * The worker under fire: the real broker in the real host, in surroundings that can be cut at a stage.
 * Its backoff is short, because a session is.
 */
import { createBroker } from '../../../worker/broker.js'
import { realEnvironment, workerScope } from '../../../worker/environment.js'
import { hostInSharedWorker } from '../../../worker/hosts/shared-worker.js'
import { blockingCall } from '../../support/blocking-call.js'
import type { NumberedAim } from '../stages.js'
import { aimedEnvironment } from './aimed-environment.js'

const recorder = new URL(location.href).searchParams.get('recorder')
if (!recorder) throw new Error('no recorder')

const real = realEnvironment()
const environment = aimedEnvironment(real, {
  aims: () => JSON.parse(blockingCall(`${recorder}/aims`)) as readonly NumberedAim[],
  fire: ({ number }) => void blockingCall(`${recorder}/fired/${number}`),
  die: () => globalThis.close(),
})
const timing = { firstRetryMs: 50, backoffBaseMs: 100, backoffCapMs: 400 }

const broker = createBroker({ ...environment, host: 'shared-worker', timing })

hostInSharedWorker(workerScope(), broker, real)
