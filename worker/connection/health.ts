/**
 * Owns the question to the app's health address: one at a time, without credentials, and never for
 * longer than its deadline. It tells what was answered; what follows is the machine's business, and
 * is little: whatever else speaks HTTP, only a welcome says that the line is up.
 */
import type { Clock } from '../clock.js'
import type { Health } from './state.js'

/** The HTTP status of a plain GET; rejects where nothing answers that this origin may read. */
export type FetchStatus = (url: string, signal: AbortSignal) => Promise<number>

export interface HealthDesk {
  ask(): Promise<Health>
  close(): void
}

export interface HealthOptions {
  readonly clock: Clock
  readonly fetchStatus: FetchStatus
  readonly url: string
}

export const HEALTH_MS = 5_000

export function createHealthDesk({ clock, fetchStatus, url }: HealthOptions): HealthDesk {
  let asking: Promise<Health> | undefined
  let giveUp = (): void => {}

  function askOnce(): Promise<Health> {
    return new Promise((resolve) => {
      const abort = new AbortController()
      giveUp = () => {
        stop()
        abort.abort()
        // Not every engine settles a fetch that was aborted while the machine slept.
        resolve('silent')
      }
      const stop = clock.after(HEALTH_MS, () => giveUp())
      fetchStatus(url, abort.signal)
        .then(
          (status) => resolve(status >= 200 && status < 300 ? 'well' : 'ill'),
          () => resolve('silent'),
        )
        .finally(stop)
    })
  }

  return {
    ask() {
      asking ??= askOnce().finally(() => {
        asking = undefined
      })
      return asking
    },
    close: () => giveUp(),
  }
}
