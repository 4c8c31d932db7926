/**
 * Owns where this tab looks for its broker (P12, F2): in the worker of which name, and which brokers it
 * accuses there of not having answered. It reads from the locks what everybody reads, so all tabs go
 * to the same place; where there are no locks it counts by itself, and what it accuses is the affair of its host.
 */
import type { InstanceId } from '../protocol/ids.js'
import {
  leaderLockName,
  reignLockName,
  type WorkerAddress,
  workerName,
} from '../protocol/line-name.js'
import { type Census, generationOf, isOf, type Life, readCensus } from '../protocol/lives.js'
import type { PageEnvironment } from './environment.js'

export interface Place {
  readonly address: WorkerAddress
  /** Not there, but over the hub: whoever serves it has the line. */
  readonly isGuest?: true
  readonly accused: readonly InstanceId[]
  /** One of them serves the hub itself, and keeps it from everybody (worker/hosts/hub-host.ts). */
  readonly isHubTaken: boolean
}

export interface Whereabouts {
  /**
   * `isShared`: for a SharedWorker, so that of a leader tab is not meant. Undefined: workers of this line
   * hang in too many generations. Another one would only burn one more core.
   */
  look(isShared: boolean): Promise<Place | undefined>
  /** Whether there may be a worker under this name that hangs; where nothing can be seen, under the first. */
  readonly mayHang: boolean
  /** Our worker does not have the line. Holds for the next look: where the line is then, is seen anew. */
  sentElsewhere(): void
  /** It has answered us once, and does not now. */
  accuse(instance: InstanceId): void
  /**
   * No answer to a hello, for so long; `isRevival`: a worker of this line ran a moment ago. Says whether
   * that is reason to look elsewhere.
   */
  unanswered(ms: number, isRevival: boolean): boolean
  /**
   * No worker can be made under this name. Says whether there is another to try: one that lives under
   * it was made with other options than ours (F9), and one that nobody could make is of no use.
   */
  refused(): boolean
}

/** A worker that has shown its life and is silent for so long does not merely start slowly. */
const SILENT_MS = 5_000
/** Where no life can be seen, a slow network has to be allowed for. */
const SILENT_BLIND_MS = 15_000
/**
 * Chromium may lose the script of a worker that starts while its network service dies: the worker
 * never runs, reports no error, and keeps its name.
 */
const STILLBORN_MS = 1_500
const HUNG_MAX = 4

export function createWhereabouts(
  { heldLocks }: Pick<PageEnvironment, 'heldLocks'>,
  line: string,
): Whereabouts {
  const silent = new Set<InstanceId>()
  /** The names under which workers with other options than ours were found. */
  const refusing = new Set<string>()
  let census: Census | undefined
  /** Below that nobody came to life for us. */
  let floor = 0
  let address: WorkerAddress = { generation: 0, isSpare: false }
  let isSent = false

  const livesHere = ({ generation }: Life): boolean => generation === address.generation

  /** Where somebody lives, and we have not been refused. */
  function addressIn(generation: number, living: readonly Life[]): WorkerAddress {
    const [base, spare] = [false, true].map((isSpare) => {
      const name = workerName(line, { generation, isSpare })
      const lives = living.some((one) => workerName(line, one) === name)
      return { isRefusing: refusing.has(name), lives }
    })
    const isUnclear = base?.isRefusing === spare?.isRefusing
    const isSpare = isUnclear ? !base?.lives && spare?.lives : base?.isRefusing
    return { generation, isSpare: isSpare ?? false }
  }

  return {
    async look(isShared) {
      const held = await heldLocks?.().catch(() => undefined)
      const has = (one: Life, lock: string): boolean => !!held && isOf(one, lock, line, held)
      const found = held && readCensus(line, [...held.keys()])
      const meant = (one: Life): boolean => !isShared || !has(one, reignLockName(line))
      census = found && { ...found, living: found.living.filter(meant) }
      if (!census) {
        address = { generation: floor, isSpare: false }
        return { address, accused: [...silent], isHubTaken: false }
      }
      const { living, hung } = census
      const accused = living.filter(({ instance }) => silent.has(instance))
      // Beside one that hangs, others of its generation live, of other releases: they only wait for it.
      if (new Set([...hung, ...accused].map(({ generation }) => generation)).size >= HUNG_MAX) {
        return undefined
      }
      // Where somebody lives, that is where the line is.
      if (living.length > accused.length) floor = 0
      address = addressIn(Math.max(floor, generationOf(census, silent)), living)
      const isGuest = isSent
      isSent = false
      return {
        address,
        ...(isGuest && { isGuest }),
        accused: accused.map(({ instance }) => instance),
        isHubTaken: accused.some((one) => has(one, leaderLockName(line))),
      }
    },
    get mayHang() {
      return census ? census.living.some(livesHere) : !floor
    },
    sentElsewhere() {
      isSent = true
    },
    accuse: (instance) => void silent.add(instance),
    unanswered(ms, isRevival) {
      // They lived before we asked.
      const here = census?.living.filter(livesHere) ?? []
      const unseen = census && isRevival ? STILLBORN_MS : SILENT_BLIND_MS
      if (ms < (here.length ? SILENT_MS : unseen)) return false
      if (!here.length) floor = address.generation + 1
      for (const { instance } of here) silent.add(instance)
      return true
    },
    refused() {
      if (!census?.living.some(livesHere)) return false
      refusing.add(workerName(line, address))
      return !refusing.has(workerName(line, { ...address, isSpare: !address.isSpare }))
    },
  }
}
