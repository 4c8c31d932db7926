/**
 * Owns the fetching of one subscription's snapshot (P6): tried until it succeeds, spread by full jitter
 * (P11), and given up at once when nobody wants it any more. An episode lasts until something that came
 * after the snapshot has come, or for a while no gap; it is reported once, and only its first attempt
 * does not wait.
 *
 * It does not know what a snapshot is for.
 */
import type { Snapshot, SnapshotRequest } from './api.js'
import type { PageEnvironment } from './environment.js'

export interface Resync {
  /** A snapshot is being fetched, or waited for. */
  readonly isOn: boolean
  begin(): void
  /** The last snapshot has served: what comes after it is coming. Of a quiet channel, time tells. */
  proved(): void
  stop(): void
}

export interface ResyncOptions {
  readonly environment: Pick<PageEnvironment, 'now' | 'after' | 'random'>
  fetch(request: SnapshotRequest): Promise<Snapshot<unknown>> | Snapshot<unknown>
  onFetched(snapshot: Snapshot<unknown>): void
  onFailed(cause: unknown): void
}

const BASE_MS = 1_000
const CAP_MS = 30_000
/** One that waits for ever would never be heard of. */
const DEADLINE_MS = 60_000

export function createResync({ environment, ...options }: ResyncOptions): Resync {
  const { now, after, random } = environment
  let attempts = 0
  let isReported = false
  let fetchedAt = Infinity
  let end: (() => void) | undefined

  function stop(): void {
    end?.()
    end = undefined
  }

  function proved(): void {
    attempts = 0
    isReported = false
  }

  function begin(): void {
    stop()
    if (now() - fetchedAt >= CAP_MS) proved()
    fetchedAt = Infinity
    if (attempts++ === 0) return void attempt()
    const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempts - 2, 30))
    end = after(random() * ceiling, () => void attempt())
  }

  async function attempt(): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    const own = (): void => controller.abort()
    end = own
    const late = new Error(`no snapshot within ${DEADLINE_MS} ms`)
    const stopDeadline = after(DEADLINE_MS, () => controller.abort(late))
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    try {
      const fetching = (async () => options.fetch({ signal }))()
      const snapshot = await Promise.race([fetching, aborted])
      if (end !== own) return
      const { at } = snapshot
      if (!isPlace(at)) {
        throw new TypeError('`at` is a cursor, or the id of an event')
      }
      end = undefined
      fetchedAt = now()
      options.onFetched(snapshot)
    } catch (cause) {
      if (end !== own) return
      if (!isReported) options.onFailed(cause)
      isReported = true
      // What was told may have ended it.
      if (end === own) begin()
    } finally {
      stopDeadline()
    }
  }

  return {
    get isOn() {
      return end !== undefined
    },
    begin,
    proved,
    stop,
  }
}

/** It comes from the app's server, whatever its types say. */
function isPlace(at: unknown): boolean {
  if (typeof at === 'string') return true
  const { id, epoch = '' } = at as Partial<Record<'id' | 'epoch', unknown>>
  return typeof id === 'string' && typeof epoch === 'string'
}
