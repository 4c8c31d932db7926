/**
 * Owns the twin of the real store in tests: the same contract, over a `disk` that outlives the store as
 * a database outlives a worker, and that can be cleared from outside as a person clears site data.
 */
import type { ClientId, Cursor } from '../../protocol/ids.js'
import type { ParkedEvent } from '../../protocol/port.js'
import type { Settled, StoredOperation } from '../outbox/operation.js'
import type { EventRow } from './kept-events.js'
import { readRecords } from './records.js'
import type { Change, ConsumerPosition, History, Store, StoreRequest } from './store.js'
import { assertOwner, type Owner, takeOver } from './take-over.js'

export interface MemoryDisk {
  client: ClientId | undefined
  incarnation: number
  isResting: boolean
  readonly operations: Map<string, StoredOperation>
  readonly cursors: Map<string, Cursor>
  readonly settled: Map<string, Settled>
  readonly histories: Map<string, Pick<History, 'limit'>>
  /** By `keyOf` channel and number. */
  readonly events: Map<string, EventRow>
  /** By `keyOf` channel and name. */
  readonly consumers: Map<string, ConsumerPosition>
  readonly parked: Map<string, ParkedEvent>
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
    histories: new Map(),
    events: new Map(),
    consumers: new Map(),
    parked: new Map(),
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
  const found = readRecords({
    operations: [...disk.operations.values()],
    settled: [...disk.settled.values()],
    cursors: [...disk.cursors],
    histories: [...disk.histories],
    events: [...disk.events.values()],
    consumers: [...disk.consumers.values()],
    parked: [...disk.parked.values()],
  })
  let { sweep } = found
  return {
    kind: 'memory',
    loaded: structuredClone({ ...own, ...found.records }),
    async commit(changes) {
      if (request.probe) throw new Error('a probe takes no changes')
      if (isClosed) throw new Error('the store is closed')
      assertOwner(ownerOf(disk), own)
      const all = [...sweep, ...changes]
      sweep = []
      // All or nothing: what cannot be cloned cannot be stored, and is found before anything is.
      for (const change of structuredClone(all)) apply(disk, change)
    },
    close,
  }
}

const ownerOf = ({ client, incarnation }: MemoryDisk): Owner | undefined =>
  client && { client, incarnation }

function wipe(disk: MemoryDisk): void {
  Object.assign(disk, { client: undefined, incarnation: 0 })
  const { operations, settled, cursors, histories, events, consumers, parked } = disk
  const stores = [operations, settled, cursors, histories, events, consumers, parked]
  for (const store of stores) store.clear()
}

export const keyOf = (channel: string, second: number | string): string =>
  JSON.stringify([channel, second])

function dropEvents(
  { events }: MemoryDisk,
  channel: string,
  below = Number.POSITIVE_INFINITY,
): void {
  for (const [key, event] of events) {
    if (event.channel === channel && event.n < below) events.delete(key)
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
    case 'put-settled':
      disk.settled.set(change.settled.key, change.settled)
      return
    case 'delete-settled':
      disk.settled.delete(change.key)
      return
    case 'put-cursor':
      disk.cursors.set(change.channel, change.cursor)
      return
    case 'put-history':
      disk.histories.set(change.channel, { limit: change.limit })
      return
    case 'put-events': {
      const { channel, events } = change
      for (const event of events) disk.events.set(keyOf(channel, event.n), { channel, ...event })
      return
    }
    case 'delete-events':
      return dropEvents(disk, change.channel, change.below)
    case 'delete-history':
      disk.histories.delete(change.channel)
      return dropEvents(disk, change.channel)
    case 'put-consumer': {
      const { channel, name } = change.consumer
      disk.consumers.set(keyOf(channel, name), change.consumer)
      return
    }
    case 'put-parked':
      disk.parked.set(change.parked.key, change.parked)
      return
    case 'delete-parked':
      disk.parked.delete(change.key)
      return
    case 'rest':
      disk.isResting = true
      return
    case 'wipe':
      wipe(disk)
  }
}
