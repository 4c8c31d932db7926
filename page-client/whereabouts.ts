/**
 * Owns where this tab looks for its broker (P12, F2): in the worker of which name, and which brokers it
 * accuses there of not having answered. It reads from the locks what everybody reads, so all tabs go
 * to the same place; where there are no locks it counts by itself.
 */
import type { InstanceId } from '../protocol/ids.js'
import type { WorkerAddress } from '../protocol/line-name.js'
import { type Census, generationOf, readCensus } from '../protocol/lives.js'
import type { PageEnvironment } from './environment.js'

export interface Place extends WorkerAddress {
  readonly accused: readonly InstanceId[]
}

export interface Whereabouts {
  /** Undefined: too many workers of this line hang. Another one would only burn one more core. */
  look(): Promise<Place | undefined>
  /** It has answered us once, and does not now. */
  accuse(instance: InstanceId): void
  /** No answer to a hello, for so long. Says whether that is reason to look elsewhere. */
  unanswered(ms: number): boolean
  /**
   * No worker can be made under this name. Says whether there is another to try: one that lives under
   * it was made with other options than ours (F9), and one that nobody could make is of no use.
   */
  refused(): boolean
}

/** A worker that has shown its life and is silent for so long does not merely start slowly. */
const SILENT_MS = 3_000
/** Where no life can be seen, a slow network has to be allowed for. */
const SILENT_BLIND_MS = 15_000
const HUNG_MAX = 4

export function createWhereabouts(
  { heldLocks }: Pick<PageEnvironment, 'heldLocks'>,
  line: string,
): Whereabouts {
  const silent = new Set<InstanceId>()
  let census: Census | undefined
  let generation = 0
  let isSpare = false

  return {
    async look() {
      census = await heldLocks?.().then(
        (held) => readCensus(line, held),
        () => undefined,
      )
      if (!census) return { generation, isSpare, accused: [] }
      const accused = census.living.filter(({ instance }) => silent.has(instance))
      if (census.hung.length + accused.length >= HUNG_MAX) return undefined
      generation = generationOf(census, silent)
      return { generation, isSpare, accused: accused.map(({ instance }) => instance) }
    },
    accuse(instance) {
      silent.add(instance)
      if (!census) generation += 1
    },
    unanswered(ms) {
      if (ms < (census ? SILENT_MS : SILENT_BLIND_MS)) return false
      if (!census) generation += 1
      // They lived before we asked.
      const here = census?.living.filter((one) => one.generation === generation) ?? []
      for (const { instance } of here) silent.add(instance)
      return !census || here.length > 0
    },
    refused() {
      const wasSpare = isSpare
      isSpare ||= census?.living.some((one) => one.generation === generation) ?? false
      return isSpare && !wasSpare
    },
  }
}
