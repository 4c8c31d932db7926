/**
 * Owns this tab's tie to the broker: worker, port, lock and hello, made again whenever it breaks
 * (P12). A connect during a worker's death can be lost without a word, so every hello has a deadline
 * and every new attempt a new SharedWorker object, tab id and lock; the abandoned one dies with its
 * lock. Whoever was not lost is served, and then the others are tried again at once (P9). A broker
 * that dies frees its life, which we wait for; one that hangs answers nothing.
 *
 * It does not know what is said over the port, nor how it is found out in which worker the line is.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import { type HubWord, hubName } from '../protocol/hub.js'
import { type TabId, uuidv7 } from '../protocol/ids.js'
import { tabLockName, versionName, workerName } from '../protocol/line-name.js'
import type { Hello, Parcel, TabSurface } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { PageEnvironment, WorkerHandle } from './environment.js'
import type { RemoteBroker } from './remote-broker.js'
import { openTie, type Tie } from './tie.js'
import { newPatience } from './vigil.js'
import { createWhereabouts, type Place } from './whereabouts.js'

/** Its constructor threw, it fired `error`, or it did not answer in time. */
export type Failing = 'refused' | 'failed' | 'silent'

export interface AttachmentOptions {
  readonly environment: Pick<
    PageEnvironment,
    | 'version'
    | 'after'
    | 'now'
    | 'wall'
    | 'random'
    | 'openBroadcast'
    | 'holdLock'
    | 'heldLocks'
    | 'whenLockFree'
  >
  readonly lineName: string
  /** For error messages. */
  readonly workerUrl: string
  /** Asked before every attempt, and once more before its hello. */
  mayAttach(): boolean
  /** Whether that is a SharedWorker, as far as it is known. */
  isShared(): boolean
  openWorker(name: string, place: Place): WorkerHandle
  /** It does not work; says whether there is another host to try. */
  fallBack(why: Failing, cause?: unknown): boolean
  /** The broker does not take this tab; says whether another one will. */
  outdates(error: ErrorInfo): boolean
  /** What becomes of what it sent, if its identity was signed out. */
  fate(): Parameters<RemoteBroker['goodbye']>[0]
  /** What this tab says of itself, at the moment of saying it. */
  hello(): Omit<Hello, 'contract' | 'tab'>
  /** Returns what to wait for before the parcel counts as taken. */
  take(parcel: Parcel): Promise<unknown> | undefined
  token: TabSurface['token']
  /** The hello is on its way; what is said now arrives after it. */
  onAttached(broker: RemoteBroker): void
  /** It has answered the hello. */
  onAnswered(broker: RemoteBroker): void
  /** There is no broker now: what an earlier one has told is not true any more. */
  onAlone(): void
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
/** After a death: most connects are lost then, and the next one is not (F1). */
const REVIVAL_MS = 125
/** An answer that is on its way when somebody begins to serve is here by then. */
const SERVED_MS = 25
const DEADLINE_CAP_MS = 10_000
const REPORTED_AFTER_MS = 15_000
/** A deadline that rings later than that tells of this page: it slept. */
const LATE_MS = 1_000
/** Brokers that die younger than that, one after the other, are not followed at once for long. */
const YOUNG_MS = 5_000
const EARLY_DEATHS_FREE = 3
const PAUSE_MS = 250
const PAUSE_CAP_MS = 10_000

export function createAttachment(options: AttachmentOptions): Attachment {
  const { environment, workerUrl } = options
  const { after, now, random, version } = environment
  const whereabouts = createWhereabouts(environment, options.lineName)
  const patience = newPatience()
  const ownName = versionName(options.lineName, version)
  let broker: RemoteBroker | undefined
  let isAnswered = false
  let undo: (() => void)[] = []
  /** Since when nobody answers our hello. */
  let silentSince: number | undefined
  /** Some worker has answered this page. */
  let hasWorked = false
  /** What keeps us from a broker is said once. */
  let isTold = false
  let renewedAt = -Infinity
  let earlyDeaths = 0

  function detach(): void {
    broker = undefined
    isAnswered = false
    for (const run of undo) run()
    undo = []
  }

  async function attach(attempt: number, firstMs: number): Promise<void> {
    detach()
    if (!options.mayAttach()) return
    options.onAlone()
    const own: (() => void)[] = []
    undo = own
    const isOver = (): boolean => undo !== own
    const tab = uuidv7(environment.wall(), random) as TabId
    // The lock comes first: the broker takes a free one for a death certificate.
    const [release, place] = await Promise.all([
      environment
        .holdLock?.(tabLockName(options.lineName, tab))
        .catch((cause) => (isOver() ? undefined : unreachable(cause))),
      whereabouts.look(options.isShared()),
    ])
    // Whoever stood still meanwhile may have been signed out (P13).
    if (isOver() || !options.mayAttach()) return release?.()
    // Free, it says that we are gone: nobody would hear a goodbye that says more.
    if (release) own.push(() => void (options.fate() ? after(DEADLINE_MS, release) : release()))
    if (!place) return fail(silent)

    const tie = tieTo(place)
    if (!tie) return
    own.push(tie.close)
    const { remote } = tie
    const { address, accused } = place
    const reply = remote.hello({
      contract: version.contract,
      tab,
      ...((address.generation || address.isSpare) && { worker: address }),
      ...(accused.length && { accused }),
      ...options.hello(),
    })
    // A goodbye may be all that there is time for; without locks it is all that there is.
    own.unshift(() => void remote.goodbye(options.fate()))
    broker = remote
    silentSince ??= now()
    const deadline = Math.min(firstMs * 2 ** attempt, DEADLINE_CAP_MS)
    const due = now() + deadline
    const timers = [
      after(deadline, () => {
        if (now() - due > LATE_MS) silentSince = undefined
        unanswered(attempt, firstMs)
      }),
    ]
    const stopListening = whenServed(() => {
      timers.push(after(SERVED_MS, () => void attach(attempt, firstMs)))
    })
    const stopWaiting = (): void => {
      stopListening()
      for (const stop of timers) stop()
    }
    own.push(stopWaiting)
    options.onAttached(remote)
    const answer = await reply.catch(() => undefined)
    // Whoever makes room takes his time; the deadline goes on.
    if (isOver() || !answer || (!answer.ok && options.outdates(answer.error))) return
    stopWaiting()
    if (!answer.ok) return fail(answer.error)
    if (!tie.answered(answer.instance)) return
    silentSince = undefined
    isAnswered = hasWorked = true
    isTold = false
    if (answer.life !== undefined && environment.whenLockFree) {
      own.push(environment.whenLockFree(answer.life, () => isOver() || renew()))
    }
    options.onAnswered(remote)
  }

  /** Whoever begins to serve the line says so on its hub; returns its own undo. */
  function whenServed(run: () => void): () => void {
    const hub = environment.openBroadcast?.(hubName(options.lineName), (message) => {
      if ((message as HubWord).kind === 'here') run()
    })
    return () => hub?.close()
  }

  function tieTo(place: Place): Tie | undefined {
    try {
      return openTie({
        environment,
        worker: options.openWorker(workerName(ownName, place.address), place),
        patience,
        take: options.take,
        token: options.token,
        onError: broken,
        onStranger: renew,
        onElsewhere() {
          whereabouts.sentElsewhere()
          renew(DEADLINE_MS)
        },
        onHung(instance) {
          whereabouts.accuse(instance)
          void attach(0, REVIVAL_MS)
        },
      })
    } catch (cause) {
      if (!options.fallBack('refused', cause)) return unreachable(cause)
      again()
      return undefined
    }
  }

  function unanswered(attempt: number, firstMs: number): void {
    const ms = silentSince === undefined ? 0 : now() - silentSince
    const isRevival = firstMs < DEADLINE_MS
    if (ms >= REPORTED_AFTER_MS) {
      if (!isRevival && !whereabouts.mayHang && options.fallBack('silent')) return again()
      tellOnce(silent)
    }
    if (whereabouts.unanswered(ms, isRevival)) return again()
    void attach(attempt + 1, firstMs)
  }

  /** The worker did not come about. */
  function broken(): void {
    if (whereabouts.refused() || options.fallBack('failed')) return again()
    // It may be the network; and its deadline goes on.
    broker = undefined
    if (!hasWorked) tellOnce(unreached)
  }

  function tellOnce(error: ErrorInfo): void {
    if (!isTold) options.onFailed(error)
    isTold = true
  }

  /** Whoever had us is dead, or sends us away. */
  function renew(firstMs = REVIVAL_MS): void {
    earlyDeaths = now() - renewedAt < YOUNG_MS ? earlyDeaths + 1 : 0
    renewedAt = now()
    if (earlyDeaths < EARLY_DEATHS_FREE) return void attach(0, firstMs)
    detach()
    options.onAlone()
    const ceiling = Math.min(PAUSE_MS * 2 ** (earlyDeaths - EARLY_DEATHS_FREE), PAUSE_CAP_MS)
    const pause = ceiling * (0.5 + random() / 2)
    // The pause is no part of anybody's life.
    renewedAt += pause
    undo = [after(pause, () => void attach(0, firstMs))]
  }

  function again(): void {
    silentSince = undefined
    void attach(0, DEADLINE_MS)
  }

  /** Nothing more is tried until somebody asks: the address will not mend itself. */
  function fail(error: ErrorInfo, cause?: unknown): undefined {
    detach()
    options.onFailed(error, cause)
  }

  const silent = pageError('worker-silent', { url: workerUrl })
  const unreached = pageError('worker-unreachable', { url: workerUrl })
  const unreachable = (cause?: unknown): undefined => fail(unreached, cause)

  return {
    get broker() {
      return broker
    },
    get isAnswered() {
      return isAnswered
    },
    attach: again,
    detach,
  }
}
