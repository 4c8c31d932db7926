/**
 * Owns the twin of the real store in tests: the same contract, over a `disk` that outlives the store as
 * a database outlives a worker, and that can be cleared from outside as a person clears site data.
 */
import type { ClientId, Cursor } from '../../protocol/ids.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import { readRecords } from './records.js'
import type { Change, Store, StoreRequest } from './store.js'
import { assertOwner, type Owner, takeOver } from './take-over.js'

export interface MemoryDisk {
  client: ClientId | undefined
  incarnation: number
  isResting: boolean
  readonly operations: Map<string, StoredOperation>
  readonly cursors: Map<string, Cursor>
  readonly settled: Map<string, Settled>
  /** Closes every connection from outside, each with this reason. */
  sever(reason: unknown): void
  /** Site data is cleared. */
  clear(): void
  /** What `sever` calls. */
  readonly connections: Set<(reason: unknown) => void>
}

type MemoryRequest = Omit<StoreRequest, 'wall' | 'signal' | 'onBlocked'>

export function createMemoryDisk(): MemoryDisk {
  const disk: MemoryDisk = {
    client: undefined,
    incarnation: 0,
    isResting: false,
    operations: new Map(),
    cursors: new Map(),
    settled: new Map(),
    connections: new Set(),
    sever(reason) {
      for (const end of [...disk.connections]) end(reason)
    },
    clear() {
      wipe(disk)
      disk.sever(new Error('the database was deleted'))
    },
  }
  return disk
}

export async function openMemoryStore(
  request: MemoryRequest,
  disk: MemoryDisk = createMemoryDisk(),
): Promise<Store> {
  const own = takeOver(ownerOf(disk), request)
  if (!request.probe) Object.assign(disk, own, { isResting: false })
  let isClosed = false
  const end = (reason: unknown): void => {
    close()
    request.onSevered?.(reason)
  }
  function close(): void {
    isClosed = true
    disk.connections.delete(end)
  }
  disk.connections.add(end)
  const { operations, settled, cursors } = disk
  return {
    kind: 'memory',
    loaded: structuredClone({
      ...own,
      ...readRecords({
        operations: [...operations.values()],
        settled: [...settled.values()],
        cursors: [...cursors],
      }),
    }),
    async commit(changes) {
      if (request.probe) throw new Error('a probe takes no changes')
      if (isClosed) throw new Error('the store is closed')
      assertOwner(ownerOf(disk), own)
      // All or nothing: what cannot be cloned cannot be stored, and is found before anything is.
      for (const change of structuredClone(changes)) apply(disk, change)
    },
    close,
  }
}

const ownerOf = ({ client, incarnation }: MemoryDisk): Owner | undefined =>
  client && { client, incarnation }

function wipe(disk: MemoryDisk): void {
  Object.assign(disk, { client: undefined, incarnation: 0 })
  for (const store of [disk.operations, disk.settled, disk.cursors]) store.clear()
}

function apply(disk: MemoryDisk, change: Change): void {
  switch (change.type) {
    case 'put-operation':
      disk.operations.set(change.operation.key, change.operation)
      return
    case 'delete-operation':
      disk.operations.delete(change.key)
      return
    case 'put-settled':
      disk.settled.set(change.settled.key, change.settled)
      return
    case 'delete-settled':
      disk.settled.delete(change.key)
      return
    case 'put-cursor':
      disk.cursors.set(change.channel, change.cursor)
      return
    case 'rest':
      disk.isResting = true
      return
    case 'wipe':
      wipe(disk)
  }
}
