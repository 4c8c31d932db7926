/**
 * Owns the dedicated workers of one page in tests: the real host in surroundings that can be killed.
 * What a page says to a worker arrives in a later turn, and nothing arrives from or at one that is
 * terminated.
 */
import type { DedicatedWorker } from '../page-client/environment.js'
import type { Order, Report } from '../protocol/hub.js'
import { type DedicatedScope, hostInDedicatedWorker } from '../worker/hosts/dedicated-worker.js'
import type { LockAgent } from './memory-locks.js'
import { createMortal, type Surroundings } from './mortal.js'

export interface DedicatedWorkers {
  start(): DedicatedWorker
  /** How many there are. */
  readonly size: number
  /** The browser fires `error` at every one of them. */
  err(): void
  /** Every one of them runs in an endless loop from now on. */
  hang(): void
  killAll(): void
}

export interface DedicatedWorkersOptions {
  readonly surroundings: Surroundings
  agent(): LockAgent
  /** Its script does not run. */
  isDeaf(): boolean
}

export function createDedicatedWorkers(options: DedicatedWorkersOptions): DedicatedWorkers {
  const alive = new Set<{ err(): void; hang(): void; kill(): void }>()
  return {
    start() {
      const { surroundings, thread, kill } = createMortal(options.surroundings, options.agent())
      const onMessage: ((event: { readonly data: unknown }) => void)[] = []
      const onError: (() => void)[] = []
      const own = {
        err: () => onError.forEach((run) => void run()),
        hang: thread.hang,
        kill() {
          alive.delete(own)
          kill()
        },
      }
      const later = (run: () => void): void =>
        void Promise.resolve().then(() => alive.has(own) && run())
      const scope: DedicatedScope = {
        onmessage: null,
        postMessage: (data: Report) => later(() => onMessage.forEach((run) => void run({ data }))),
      }
      alive.add(own)
      if (!options.isDeaf()) hostInDedicatedWorker(scope, surroundings)
      return {
        postMessage(data: Order, transfer = []) {
          const ports = (transfer as MessagePort[]).map(thread.port)
          const heard = thread.later(() => scope.onmessage?.({ data, ports }))
          later(heard)
        },
        addEventListener(type: string, run: (event: { readonly data: unknown }) => void) {
          if (type === 'error') onError.push(() => run({ data: undefined }))
          else onMessage.push(run)
        },
        terminate: own.kill,
      }
    },
    get size() {
      return alive.size
    },
    err() {
      for (const { err } of [...alive]) err()
    },
    hang() {
      for (const { hang } of alive) hang()
    },
    killAll() {
      for (const { kill } of [...alive]) kill()
    },
  }
}
