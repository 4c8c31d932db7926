/**
 * Owns a database engine that fails when told to, around the memory twin. Like a real one it runs
 * transactions in the order in which they were made, over all connections: whoever comes behind one
 * that hangs waits for it, and one that was made takes effect even after its connection was closed.
 */
import {
  createMemoryDisk,
  type MemoryDisk,
  openMemoryStore,
} from '../worker/storage/memory-store.js'
import type { Change, OpenStore } from '../worker/storage/store.js'

export interface FaultyEngine {
  readonly disk: MemoryDisk
  readonly open: OpenStore
  /** Openings that were asked for, in the order of asking. */
  readonly openings: readonly ('plain' | 'resume' | 'probe')[]
  /** Connections that are open now. */
  readonly connections: number
  /** Why the database does not open; undefined: it does. */
  openFault: Error | undefined
  /** Why a transaction aborts; undefined: it does not. */
  commitFault: (changes: readonly Change[]) => Error | undefined
  /** The next openings are blocked by an older version. */
  isBlocked: boolean
  /** Everything made from now on waits, until the call of what is returned. */
  stall(): () => void
}

export function createFaultyEngine(): FaultyEngine {
  const disk = createMemoryDisk()
  const openings: FaultyEngine['openings'][number][] = []
  let connections = 0
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = last.then(run)
    last = result.catch(() => {})
    return result
  }

  const engine: FaultyEngine = {
    disk,
    openings,
    get connections() {
      return connections
    },
    openFault: undefined,
    commitFault: () => undefined,
    isBlocked: false,
    open(request) {
      openings.push(request.probe ? 'probe' : request.resume ? 'resume' : 'plain')
      if (engine.isBlocked) request.onBlocked?.()
      return inTurn(async () => {
        if (engine.openFault) throw engine.openFault
        if (request.signal?.aborted) throw new Error('nobody waits any more')
        let isClosed = false
        const close = (): void => {
          if (!isClosed) connections -= 1
          isClosed = true
          // What was made before still runs.
          void inTurn(async () => store.close())
        }
        const store = await openMemoryStore(
          {
            ...request,
            onSevered(reason) {
              close()
              request.onSevered?.(reason)
            },
          },
          disk,
        )
        connections += 1
        return {
          kind: 'disk',
          loaded: store.loaded,
          async commit(changes) {
            if (isClosed) throw new DOMException('closing', 'InvalidStateError')
            await inTurn(async () => {
              const fault = engine.commitFault(changes)
              if (fault) throw fault
              await store.commit(changes)
            })
          },
          close,
        }
      })
    },
    stall() {
      let letGo = (): void => {}
      const gate = new Promise<void>((resolve) => {
        letGo = resolve
      })
      void inTurn(() => gate)
      return letGo
    },
  }
  return engine
}
