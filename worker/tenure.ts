/**
 * Owns for how long a broker keeps the line (P1): from its turn at the lock until nobody needs it.
 *
 * With a tab it stays. Without one it finishes what is queued and lingers a little, so that a reload
 * finds its socket open; but if another broker waits, a newer version of the worker for example, it
 * goes at once (F8): the disk keeps what is queued, and the other one sends it. A worker with an
 * extended lifetime would otherwise keep the next page waiting for minutes.
 *
 * A later generation (protocol/lives.ts) goes first, tabs or not: somebody found us silent, and there
 * is one place where all tabs meet again (P12). Whoever hears of an earlier one says so.
 */
import type { OpenBroadcast } from '../protocol/hub.js'
import { lineLockName } from '../protocol/line-name.js'
import type { Clock } from './clock.js'
import type { Locks } from './tabs/locks.js'

export interface TenureOptions {
  readonly clock: Clock
  readonly line: string
  readonly generation: number
  readonly locks: Locks | null
  readonly openBus: OpenBroadcast | null
  /** Nobody needs this broker any more. */
  onOver(): void
  /** The line is somebody else's, or is to be. */
  onReplaced(): void
}

export interface Tenure {
  /** Resolves when the line is ours. */
  begin(): Promise<void>
  /** Takes the line from a broker that hangs; says whether it is ours now. */
  take(): Promise<boolean>
  /** Says to all others that we wait for it. */
  announce(): void
  /** Who is there, and how much waits: said again whenever it changes. */
  consider(needs: { readonly tabs: number; readonly queued: number }): void
  end(): void
}

const LINGER_MS = 10_000
/** Message and lock travel by different ways: whoever took the lock in between has not heard it. */
const SAY_AGAIN_MS = 1_000

export function createTenure(options: TenureOptions): Tenure {
  const { clock, line, generation, locks, openBus, onOver } = options
  let needs = { tabs: 1, queued: 0 }
  let isAwaited = false
  let hasLingered = false
  let stopLinger = (): void => {}
  let release: (() => void) | undefined
  let isOver = false
  let begun = (): void => {}

  const bus = openBus?.(line, (message) => {
    const theirs = Number(String(message).split(':')[1] ?? 0)
    isAwaited = true
    // Without locks nobody can tell a tab which generation to go to.
    if (!locks || theirs === generation) decide()
    else if (theirs > generation) replaced()
    else announce()
  })
  const announce = (): void => bus?.post(`waiting:${generation}`)

  function replaced(): void {
    if (!isOver) options.onReplaced()
  }

  function decide(): void {
    if (!release || isOver || needs.tabs > 0) return
    if (isAwaited || (hasLingered && needs.queued === 0)) onOver()
  }

  function granted(letGo: () => void): void {
    // Twice: a lock that was taken leaves our place in its queue as it was.
    if (release || isOver) return letGo()
    release = letGo
    begun()
  }

  return {
    async begin() {
      // Said before the wait; whoever holds the line remembers it.
      announce()
      const stop = clock.after(SAY_AGAIN_MS, () => isOver || announce())
      const ours = new Promise<void>((resolve) => {
        begun = resolve
      })
      if (!locks) granted(() => {})
      else locks.hold(lineLockName(line), replaced).then(granted, () => granted(() => {}))
      await ours
      stop()
    },
    async take() {
      if (!release && !isOver && locks) granted(await locks.steal(lineLockName(line), replaced))
      return !isOver
    },
    announce,
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
