/**
 * Owns the weight of a page and of a SharedWorker, in bytes, after a forced collection: what V8, the
 * engine's own objects (ports, sockets) and buffers hold.
 */
import type { BrowserContext, CDPSession } from '@playwright/test'
import { debugSharedWorker } from './workers.js'

interface HeapUsage {
  readonly usedSize: number
  readonly embedderHeapUsedSize?: number
  readonly backingStorageSize?: number
}

const weightOf = ({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }: HeapUsage) =>
  usedSize + embedderHeapUsedSize + backingStorageSize

/** By a session of one's own, so that a page that is often weighed is not given new ones. */
export async function pageHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return weightOf((await session.send('Runtime.getHeapUsage')) as HeapUsage)
}

export interface WorkerHeap {
  /** Which life of the worker: a new one weighs anew. */
  readonly life: string
  readonly bytes: number
}

/** Undefined: there is no SharedWorker, or it dies meanwhile. */
export async function workerHeap(context: BrowserContext): Promise<WorkerHeap | undefined> {
  const worker = await debugSharedWorker(context)
  if (!worker) return undefined
  const { life } = worker
  await worker.ask('HeapProfiler.collectGarbage')
  const usage = (await worker.ask('Runtime.getHeapUsage')) as HeapUsage | undefined
  await worker.close()
  return usage && { life, bytes: weightOf(usage) }
}
