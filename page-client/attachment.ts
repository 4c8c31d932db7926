/**
 * Owns this tab's tie to the broker: worker, port, lock and hello, made again whenever it breaks
 * (P12). A connect during a worker's death can be lost without a word, so every hello has a deadline
 * and every new attempt a new SharedWorker object, tab id and lock; the abandoned one dies with its
 * lock. It does not know what is said over the port.
 */
import { expose } from 'comlink'
import type { ErrorInfo } from '../protocol/errors.js'
import { type InstanceId, type TabId, uuidv7 } from '../protocol/ids.js'
import { tabLockName } from '../protocol/line-name.js'
import type { Hello, Parcel, TabSurface } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import { CONTRACT } from '../protocol/version.js'
import type { PageEnvironment, WorkerHandle } from './environment.js'
import { openBrokerPort, type RemoteBroker } from './remote-broker.js'

export interface AttachmentOptions {
  readonly environment: PageEnvironment
  readonly lineName: string
  /** For error messages. */
  readonly workerUrl: string
  /** Asked before every attempt. */
  mayAttach(): boolean
  openWorker(): WorkerHandle
  /** What this tab says of itself, at the moment of saying it. */
  hello(): Omit<Hello, 'contract' | 'tab'>
  /** Returns what to wait for before the parcel counts as taken. */
  take(parcel: Parcel): Promise<unknown> | undefined
  token: TabSurface['token']
  /** The hello is on its way; what is said now arrives after it. */
  onAttached(broker: RemoteBroker): void
  /** It has answered the hello. */
  onAnswered(broker: RemoteBroker): void
  /** It does not work, and why. It may still come to work later. */
  onFailed(error: ErrorInfo, cause?: unknown): void
}

export interface Attachment {
  /** Undefined while there is no port: whatever must not be lost is said again in `onAttached`. */
  readonly broker: RemoteBroker | undefined
  /** Whether that broker has answered: until then what is posted to it may be lost without a word. */
  readonly isAnswered: boolean
  attach(): void
  detach(): void
}

const DEADLINE_MS = 1_000
const DEADLINE_CAP_MS = 10_000
const SILENCE_REPORTED_AFTER = 4

export function createAttachment(options: AttachmentOptions): Attachment {
  const { environment, workerUrl } = options
  let broker: RemoteBroker | undefined
  let isAnswered = false
  let undo: (() => void)[] = []

  function detach(): void {
    broker = undefined
    isAnswered = false
    for (const run of undo) run()
    undo = []
  }

  async function attach(attempt: number): Promise<void> {
    detach()
    if (!options.mayAttach()) return
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
    if (isOver()) return
    if (!answer.ok) return fail(answer.error)
    isAnswered = true
    options.onAnswered(remote)
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
    const { remote, close } = openBrokerPort(port)
    own.push(close)
    worker.addEventListener('error', () => {
      // Firefox also reports here what a running worker throws.
      if (!isOver() && !instance) unreachable()
    })
    const surface: TabSurface = {
      take(parcel) {
        if (isOver()) return undefined
        instance ??= parcel.instance
        if (parcel.instance === instance) return options.take(parcel)
        // Another broker answers on our port: it knows nothing of us.
        return void attach(0)
      },
      token: options.token,
    }
    expose(surface, port)
    return remote
  }

  function retry(attempt: number): void {
    const before = undo
    const isReported = attempt + 1 >= SILENCE_REPORTED_AFTER
    if (isReported) options.onFailed(pageError('worker-silent', { url: workerUrl }))
    // Unless whoever was told has attached elsewhere.
    if (undo === before) void attach(attempt + 1)
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
    get isAnswered() {
      return isAnswered
    },
    attach: () => void attach(0),
    detach,
  }
}
