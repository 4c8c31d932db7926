/**
 * Owns the store of a browser that has no disk, and the twin of the real one in tests: the same
 * contract, over a `disk` that can outlive the store as a database outlives a worker.
 */
import type { ClientId, Cursor } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'
import { type Change, Fenced, type Store, type StoreRequest } from './store.js'

export interface MemoryDisk {
  client: ClientId | undefined
  incarnation: number
  readonly operations: Map<string, StoredOperation>
  readonly cursors: Map<string, Cursor>
}

export const createMemoryDisk = (): MemoryDisk => ({
  client: undefined,
  incarnation: 0,
  operations: new Map(),
  cursors: new Map(),
})

export async function openMemoryStore(
  request: StoreRequest,
  disk: MemoryDisk = createMemoryDisk(),
): Promise<Store> {
  disk.client ??= request.newClient()
  disk.incarnation += 1
  const { client, incarnation } = disk
  let isClosed = false
  return {
    kind: 'memory',
    loaded: {
      client,
      incarnation,
      operations: [...disk.operations.values()].sort((a, b) => a.n - b.n),
      cursors: new Map(disk.cursors),
    },
    async commit(changes) {
      if (isClosed) throw new Error('the store is closed')
      if (disk.incarnation !== incarnation) throw new Fenced('another broker has the database')
      for (const change of changes) apply(disk, change)
    },
    close() {
      isClosed = true
    },
  }
}

function apply(disk: MemoryDisk, change: Change): void {
  switch (change.type) {
    case 'put-operation':
      disk.operations.set(change.operation.key, change.operation)
      return
    case 'delete-operation':
      disk.operations.delete(change.key)
      return
    case 'put-cursor':
      disk.cursors.set(change.channel, change.cursor)
  }
}
