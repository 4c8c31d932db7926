/**
 * Owns for how long a broker keeps the line (P1): from its turn at the lock until nobody needs it.
 *
 * With a tab it stays. Without one it finishes what is queued and lingers a little, so that a reload
 * finds its socket open; but if another broker waits, a newer version of the worker for example, it
 * goes at once (F8): the disk keeps what is queued, and the other one sends it. A worker with an
 * extended lifetime would otherwise keep the next page waiting for minutes.
 */
import { lineLockName } from '../protocol/line-name.js'
import type { Clock } from './clock.js'
import type { Locks } from './tabs/locks.js'

/** Reaches the brokers of the same name in other workers, and never its sender. */
export interface Bus {
  post(message: string): void
  close(): void
}

export type OpenBus = (name: string, onMessage: () => void) => Bus

export interface TenureOptions {
  readonly clock: Clock
  readonly line: string
  readonly locks: Locks | null
  readonly openBus: OpenBus | null
  /** Nobody needs this broker any more. */
  onOver(): void
}

export interface Tenure {
  /** Resolves when the line is ours. */
  begin(): Promise<void>
  /** Who is there, and how much waits: said again whenever it changes. */
  consider(needs: { readonly tabs: number; readonly queued: number }): void
  end(): void
}

const LINGER_MS = 10_000
/** Message and lock travel by different ways: whoever took the lock in between has not heard it. */
const SAY_AGAIN_MS = 1_000

export function createTenure({ clock, line, locks, openBus, onOver }: TenureOptions): Tenure {
  let needs = { tabs: 1, queued: 0 }
  let isAwaited = false
  let hasLingered = false
  let stopLinger = (): void => {}
  let release: (() => void) | undefined
  let isOver = false

  const bus = openBus?.(line, () => {
    isAwaited = true
    decide()
  })

  function decide(): void {
    if (!release || isOver || needs.tabs > 0) return
    if (isAwaited || (hasLingered && needs.queued === 0)) onOver()
  }

  return {
    async begin() {
      // Said before the wait; whoever holds the line remembers it.
      bus?.post('waiting')
      const stop = clock.after(SAY_AGAIN_MS, () => isOver || bus?.post('waiting'))
      const letGo = locks && (await locks.hold(lineLockName(line)).catch(() => null))
      stop()
      release = letGo ?? (() => {})
      if (isOver) release()
    },
    consider(now) {
      const wasAlone = needs.tabs === 0
      needs = now
      if (now.tabs > 0) {
        stopLinger()
        hasLingered = false
      } else if (!wasAlone) {
        stopLinger = clock.after(LINGER_MS, () => {
          hasLingered = true
          decide()
        })
      }
      decide()
    },
    end() {
      isOver = true
      stopLinger()
      bus?.close()
      release?.()
    },
  }
}
