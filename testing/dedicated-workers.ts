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
  killAll(): void
}

export interface DedicatedWorkersOptions {
  readonly surroundings: Surroundings
  agent(): LockAgent
  /** Its script does not run. */
  isDeaf(): boolean
}

export function createDedicatedWorkers(options: DedicatedWorkersOptions): DedicatedWorkers {
  const alive = new Set<{ err(): void; kill(): void }>()
  return {
    start() {
      const { surroundings, kill } = createMortal(options.surroundings, options.agent())
      const onMessage: ((event: { readonly data: unknown }) => void)[] = []
      const onError: (() => void)[] = []
      const own = {
        err: () => onError.forEach((run) => void run()),
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
          const ports = transfer as MessagePort[]
          later(() => scope.onmessage?.({ data, ports }))
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
    killAll() {
      for (const { kill } of [...alive]) kill()
    },
  }
}
