/**
 * Owns this tab's tie to the broker: worker, port, lock and hello, made again whenever it breaks
 * (P12). A connect during a worker's death can be lost without a word, so every hello has a deadline
 * and every new attempt a new SharedWorker object, tab id and lock; the abandoned one dies with its
 * lock. It does not know what is said over the port.
 */
import { expose, wrap } from 'comlink'
import type { ErrorInfo } from '../protocol/errors.js'
import { type InstanceId, type TabId, uuidv7 } from '../protocol/ids.js'
import { tabLockName } from '../protocol/line-name.js'
import type { BrokerSurface, Hello, Parcel, TabSurface } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import { CONTRACT } from '../protocol/version.js'
import type { PageEnvironment, WorkerHandle } from './environment.js'

/** The broker as calls across a port: every answer is a promise. */
export type RemoteBroker = {
  [Name in keyof BrokerSurface]: (
    ...args: Parameters<BrokerSurface[Name]>
  ) => Promise<Awaited<ReturnType<BrokerSurface[Name]>>>
}

export interface AttachmentOptions {
  readonly environment: PageEnvironment
  readonly lineName: string
  /** For error messages. */
  readonly workerUrl: string
  openWorker(): WorkerHandle
  /** What this tab says of itself, at the moment of saying it. */
  hello(): Pick<Hello, 'line' | 'subscriptions'>
  take(parcel: Parcel): void
  token: TabSurface['token']
  /** The hello is on its way; what is said now arrives after it. */
  onAttached(broker: RemoteBroker): void
  /** It does not work, and why. It may still come to work later. */
  onFailed(error: ErrorInfo, cause?: unknown): void
}

export interface Attachment {
  /** Undefined while there is no port: whatever must not be lost is said again in `onAttached`. */
  readonly broker: RemoteBroker | undefined
  attach(): void
  detach(): void
}

const DEADLINE_MS = 1_000
const DEADLINE_CAP_MS = 10_000
const SILENCE_REPORTED_AFTER = 4

export function createAttachment(options: AttachmentOptions): Attachment {
  const { environment, workerUrl } = options
  let broker: RemoteBroker | undefined
  let undo: (() => void)[] = []

  function detach(): void {
    broker = undefined
    for (const run of undo) run()
    undo = []
  }

  async function attach(attempt: number): Promise<void> {
    detach()
    const own: (() => void)[] = []
    undo = own
    const isOver = (): boolean => undo !== own
    const tab = uuidv7(environment.wall(), environment.random) as TabId
    // The lock comes first: the broker takes a free one for a death certificate.
    const release = await environment
      .holdLock?.(tabLockName(options.lineName, tab))
      .catch((cause) => (isOver() ? undefined : unreachable(cause)))
    if (isOver()) return release?.()
    if (release) own.push(release)

    const remote = connectPort(own, isOver)
    if (!remote) return
    const reply = remote.hello({ contract: CONTRACT, tab, ...options.hello() })
    // A goodbye may be all that there is time for; without locks it is all that there is.
    own.unshift(() => void remote.goodbye())
    broker = remote
    options.onAttached(remote)
    const deadline = Math.min(DEADLINE_MS * 2 ** attempt, DEADLINE_CAP_MS)
    const stopDeadline = environment.after(deadline, () => retry(attempt))
    own.push(stopDeadline)
    const answer = await reply
    stopDeadline()
    if (!isOver() && !answer.ok) fail(answer.error)
  }

  function connectPort(own: (() => void)[], isOver: () => boolean): RemoteBroker | undefined {
    let worker: WorkerHandle
    let instance: InstanceId | undefined
    try {
      worker = options.openWorker()
    } catch (cause) {
      unreachable(cause)
      return undefined
    }
    const { port } = worker
    own.push(() => port.close())
    worker.addEventListener('error', () => {
      // Firefox also reports here what a running worker throws.
      if (!isOver() && !instance) unreachable()
    })
    const surface: TabSurface = {
      take(parcel) {
        if (isOver()) return
        instance ??= parcel.instance
        // Another broker answers on our port: it knows nothing of us.
        if (parcel.instance === instance) options.take(parcel)
        else void attach(0)
      },
      token: options.token,
    }
    const remote = wrap<BrokerSurface>(port) as unknown as RemoteBroker
    expose(surface, port)
    return remote
  }

  function retry(attempt: number): void {
    const isReported = attempt + 1 >= SILENCE_REPORTED_AFTER
    if (isReported) options.onFailed(pageError('worker-silent', { url: workerUrl }))
    void attach(attempt + 1)
  }

  /** Nothing more is tried until somebody asks: the address will not mend itself. */
  function fail(error: ErrorInfo, cause?: unknown): undefined {
    detach()
    options.onFailed(error, cause)
  }

  const unreachable = (cause?: unknown): undefined =>
    fail(pageError('worker-unreachable', { url: workerUrl }), cause)

  return {
    get broker() {
      return broker
    },
    attach: () => void attach(0),
    detach,
  }
}
