/**
 * Owns the choice between disk and memory: a disk that is absent, refuses, or does not open in time
 * is replaced by memory, with the reason; the line goes on and says so (P2, P12).
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import { brokerError } from '../../protocol/sentences.js'
import type { Clock } from '../clock.js'
import { openMemoryStore } from './memory-store.js'
import type { OpenStore, Store, StoreRequest } from './store.js'

export interface Opened {
  readonly store: Store
  /** Why nothing is durable; absent if it is. */
  readonly broken?: { readonly reason: unknown }
}

const DEADLINE_MS = 5_000

export async function openStore(
  open: OpenStore | null,
  request: StoreRequest,
  clock: Clock,
): Promise<Opened> {
  if (!open) return inMemory(request, new Error('this browser has no IndexedDB here'))
  const opening = open(request)
  try {
    return { store: await withDeadline(opening, clock) }
  } catch (reason) {
    // It may still open, one day; it must not stay open beside us.
    opening.then((late) => late.close()).catch(() => {})
    return inMemory(request, reason)
  }
}

async function inMemory(request: StoreRequest, reason: unknown): Promise<Opened> {
  return { store: await openMemoryStore(request), broken: { reason } }
}

export function storageError(reason: unknown): ErrorInfo {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)
  return brokerError('no-storage', { reason: text })
}

function withDeadline<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(DEADLINE_MS, () => reject(new Error('it did not open in time')))
    promise.then(resolve, reject).finally(stop)
  })
}
