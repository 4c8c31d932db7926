/**
 * Owns the unsettled operations in their order: over all lanes by time of sending, within a lane by
 * number (P4). Pure data; it knows neither disk nor wire.
 *
 * A lane is remembered only while it has operations. When it comes back it counts from one in a new
 * epoch, greater than any before, so that neither side keeps counters for lanes that nobody uses.
 */
import type { Key } from '../../protocol/ids.js'
import type { StoredOperation } from './operation.js'

export interface Item {
  operation: StoredOperation
  /** Sent on the present connection, not yet answered. */
  isFlying: boolean
  /** Counts changes; the disk has seen `durable` of them. */
  version: number
  durable: number
  stored: Promise<void>
}

export interface Lane {
  readonly name: string
  epoch: number
  nextSeq: number
  readonly items: Item[]
  /** A retryable refusal: this lane waits until then, in order. */
  resumeAt: number
  /** It waits for the answers to what was sent behind that refusal: all of it goes again. */
  isRecalled: boolean
  /** The server knows its numbers otherwise: it goes again under new ones. */
  isMisnumbered: boolean
}

export interface Lanes {
  readonly items: ReadonlyMap<Key, Item>
  readonly bytes: number
  add(operation: StoredOperation): Item
  remove(item: Item): void
  lane(name: string): Lane | undefined
  laneOf(item: Item): Lane
  /**
   * Gives the item the next number of its lane, if it may have one yet. Behind what an earlier broker
   * has numbered it may not: the disk need not know all numbers that broker gave, and to give one
   * twice would pass an operation off as settled (F32).
   */
  number(item: Item): boolean
  /** The server has seen this epoch: ours are to be larger, whatever our disk remembers (F32). */
  outgrow(epoch: number): void
  /** Takes all numbers back: the lane counts anew, in a new epoch, with the same keys. */
  renumber(lane: Lane): void
  all(): Iterable<Lane>
}

/** Lanes come and go with every quiet moment: room for four thousand million of them. */
const EPOCHS_PER_INCARNATION = 2 ** 32

export const sizeOf = (operation: StoredOperation): number => operation.payload?.length ?? 0

export function createLanes(incarnation: number): Lanes {
  const items = new Map<Key, Item>()
  const lanes = new Map<string, Lane>()
  const ownEpochs = incarnation * EPOCHS_PER_INCARNATION
  let nextEpoch = ownEpochs
  let bytes = 0

  function open(name: string, epoch: number | undefined): Lane {
    const lane: Lane = {
      name,
      epoch: epoch ?? nextEpoch++,
      nextSeq: 1,
      items: [],
      resumeAt: 0,
      isRecalled: false,
      isMisnumbered: false,
    }
    lanes.set(name, lane)
    return lane
  }

  function laneOf(item: Item): Lane {
    const lane = lanes.get(item.operation.lane)
    if (!lane) throw new Error('an item without its lane')
    return lane
  }

  return {
    items,
    get bytes() {
      return bytes
    },
    add(operation) {
      const item = { operation, isFlying: false, version: 1, durable: 0, stored: Promise.resolve() }
      const { number } = operation
      const lane = lanes.get(operation.lane) ?? open(operation.lane, number?.epoch)
      if (number) lane.nextSeq = number.seq + 1
      lane.items.push(item)
      items.set(operation.key, item)
      bytes += sizeOf(operation)
      return item
    },
    remove(item) {
      const lane = laneOf(item)
      lane.items.splice(lane.items.indexOf(item), 1)
      if (!lane.items.length) lanes.delete(lane.name)
      items.delete(item.operation.key)
      bytes -= sizeOf(item.operation)
    },
    lane: (name) => lanes.get(name),
    laneOf,
    number(item) {
      const lane = laneOf(item)
      if (lane.epoch < ownEpochs) {
        if (lane.items.some(({ operation }) => operation.number)) return false
        lane.epoch = nextEpoch++
        lane.nextSeq = 1
      }
      const number = { epoch: lane.epoch, seq: lane.nextSeq++ }
      item.operation = { ...item.operation, number }
      item.version += 1
      return true
    },
    outgrow(epoch) {
      nextEpoch = Math.max(nextEpoch, epoch + 1)
    },
    renumber(lane) {
      lane.isMisnumbered = false
      lane.epoch = nextEpoch++
      lane.nextSeq = 1
      for (const item of lane.items) {
        const { number: _, ...operation } = item.operation
        item.operation = operation
      }
    },
    all: () => lanes.values(),
  }
}
