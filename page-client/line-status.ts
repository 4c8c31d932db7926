/**
 * Owns what the page shows of the line (P9): what the broker tells, and the few states that no broker
 * can tell, because there is none, or none any more.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cause, Host, Status } from '../protocol/status.js'
import { createReadable, type Writable } from './readable.js'

export interface LineStatus extends Writable<Status> {
  /** Nobody has answered yet. What has stopped has its reason. */
  connecting(): void
  stopped(cause: Cause, error: ErrorInfo): void
}

export function createLineStatus(host: Host, onThrow: (cause: unknown) => void): LineStatus {
  const status = createReadable<Status>(
    {
      state: 'connecting',
      attempt: 0,
      queued: 0,
      tabs: 1,
      host,
      storage: 'disk',
    },
    onThrow,
  )
  return Object.assign(status, {
    connecting() {
      const { state, queued, tabs, host, storage } = status.value
      if (state === 'connecting' || state === 'stopped') return
      status.set({ state: 'connecting', attempt: 0, queued, tabs, host, storage })
    },
    stopped(cause: Cause, error: ErrorInfo) {
      const { tabs, host, storage, ...rest } = status.value
      // Whose queue it was is nobody's business after a sign-out (P13).
      const queued = error.code === 'signed-out' ? 0 : rest.queued
      status.set({ state: 'stopped', cause, error, queued, tabs, host, storage })
    },
  })
}
