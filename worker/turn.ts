/**
 * Owns a guest's turn at the line (P1): the lock, asked for and never stolen, had for as long as no
 * broker asks for it. A guest does not announce itself: whoever holds the line is alive, and sends
 * what is queued too.
 */
import type { OpenBroadcast } from '../protocol/hub.js'
import { lineLockName } from '../protocol/line-name.js'
import type { Clock } from './clock.js'
import type { Locks } from './tabs/locks.js'

export interface TurnOptions {
  readonly clock: Clock
  readonly line: string
  readonly locks: Locks
  readonly openBus: OpenBroadcast | null
  /** The line was ours, and a broker waits for it. */
  onWanted(): void
}

export interface Turn {
  /** Whether the line is ours now; waits for it as long as that. */
  within(ms: number): Promise<boolean>
  /** Also withdraws what was asked for: a lock that comes later goes at once. */
  end(): void
}

export function createTurn({ clock, line, locks, openBus, onWanted }: TurnOptions): Turn {
  let release: (() => void) | undefined
  let isWanted = false
  let isOver = false
  let tell = (): void => {}

  const bus = openBus?.(line, () => {
    isWanted = true
    if (release) onWanted()
  })

  async function ask(): Promise<void> {
    const letGo = await locks.hold(lineLockName(line), onWanted)
    if (!isOver && !isWanted) {
      release = letGo
      return tell()
    }
    letGo()
    // A broker has come meanwhile: it goes first.
    isWanted = false
    if (!isOver) await ask()
  }
  // Refused, as in a page that may not have locks, it never comes.
  ask().catch(() => {})

  return {
    within: (ms) =>
      new Promise((resolve) => {
        if (release) return resolve(true)
        const stop = clock.after(ms, () => resolve(false))
        tell = () => {
          stop()
          resolve(true)
        }
      }),
    end() {
      isOver = true
      bus?.close()
      release?.()
      release = undefined
    },
  }
}
