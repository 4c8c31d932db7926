/**
 * Owns the unsettled operations in their order: over all lanes by priority and time of sending, within
 * a lane by number (P4). Pure data; it knows neither disk nor wire.
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
  /** Sent under its number before, on whatever connection. */
  wasSent: boolean
  /** Monotonic; Infinity: it lives until it is settled. */
  expiresAt: number
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
  /** It waits for a fresher token. */
  isHeld: boolean
  /** The server knows its numbers otherwise: it goes again under new ones. */
  isMisnumbered: boolean
  /** How often it has been renumbered in a row. */
  misfits: number
}

export interface Lanes {
  readonly items: ReadonlyMap<Key, Item>
  readonly bytes: number
  add(operation: StoredOperation, expiresAt?: number): Item
  remove(item: Item): void
  lane(name: string): Lane | undefined
  laneOf(item: Item): Lane
  /**
   * Gives the item the next number of its lane, if it may have one yet. Behind what an earlier broker
   * has numbered it may not: the disk need not know all numbers that broker gave, and to give one
   * twice would pass an operation off as settled (F32).
   */
  number(item: Item, wall: number): boolean
  /** The server has seen this epoch: ours are to be larger, whatever our disk remembers (F32). */
  outgrow(epoch: number): void
  /** Takes all numbers back: the lane counts anew, in a new epoch, with the same keys. */
  renumber(lane: Lane): void
  all(): Iterable<Lane>
  /**
   * Every item, in the order in which they may go. A lane is as urgent as its most urgent operation:
   * whatever stands before that one has to go first anyway.
   */
  inTurn(): Iterable<Item>
}

/** Lanes come and go with every quiet moment: room for four thousand million of them. */
const EPOCHS_PER_INCARNATION = 2 ** 32

/** So many epochs are passed over at most when a lane has to be numbered again and again. */
const LEAP_MAX = 2 ** 32

/** The server may know it, also while it has no number because its lane is numbered anew. */
export const wasGiven = ({ number, sentAt }: StoredOperation): boolean =>
  number !== undefined || sentAt !== undefined

export const sizeOf = (operation: StoredOperation): number => operation.payload?.length ?? 0

export function createLanes(incarnation: number): Lanes {
  const items = new Map<Key, Item>()
  const lanes = new Map<string, Lane>()
  const ownEpochs = incarnation * EPOCHS_PER_INCARNATION
  let nextEpoch = ownEpochs
  let bytes = 0
  let prioritised = 0

  function open(name: string, epoch: number | undefined): Lane {
    const lane: Lane = {
      name,
      epoch: epoch ?? nextEpoch++,
      nextSeq: 1,
      items: [],
      resumeAt: 0,
      isRecalled: false,
      isHeld: false,
      isMisnumbered: false,
      misfits: 0,
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
    add(operation, expiresAt = Infinity) {
      const { number } = operation
      const item: Item = {
        operation,
        isFlying: false,
        wasSent: number !== undefined,
        expiresAt,
        version: 1,
        durable: 0,
        stored: Promise.resolve(),
      }
      const lane = lanes.get(operation.lane) ?? open(operation.lane, number?.epoch)
      if (number) lane.nextSeq = number.seq + 1
      // An earlier broker ended while it numbered the lane anew, and had not come to this one.
      if (number && number.epoch !== lane.epoch) lane.isMisnumbered = true
      lane.items.push(item)
      items.set(operation.key, item)
      bytes += sizeOf(operation)
      if (operation.priority) prioritised += 1
      return item
    },
    remove(item) {
      const lane = laneOf(item)
      lane.items.splice(lane.items.indexOf(item), 1)
      if (!lane.items.length) lanes.delete(lane.name)
      items.delete(item.operation.key)
      bytes -= sizeOf(item.operation)
      if (item.operation.priority) prioritised -= 1
    },
    lane: (name) => lanes.get(name),
    laneOf,
    number(item, wall) {
      const lane = laneOf(item)
      if (lane.epoch < ownEpochs) {
        if (lane.items.some(({ operation }) => operation.number)) return false
        lane.epoch = nextEpoch++
        lane.nextSeq = 1
      }
      const number = { epoch: lane.epoch, seq: lane.nextSeq++ }
      const { attempts = 0, sentAt = wall } = item.operation
      // Counted before it is made, so that one which takes the browser down with it counts too.
      item.operation = { ...item.operation, number, sentAt, attempts: attempts + 1 }
      item.version += 1
      return true
    },
    outgrow(epoch) {
      nextEpoch = Math.max(nextEpoch, epoch + 1)
    },
    renumber(lane) {
      lane.isMisnumbered = false
      // A server that has seen more than our disk remembers does not say how much: the next epoch may
      // be as stale, and the lane would wait for as many rounds as there are epochs in between (F32).
      nextEpoch += Math.min(256 ** lane.misfits, LEAP_MAX) - 1
      lane.misfits += 1
      lane.epoch = nextEpoch++
      lane.nextSeq = 1
      for (const item of lane.items) {
        const { number, ...operation } = item.operation
        // Disks of the first schema do not know when it was sent: not before it was made.
        item.operation = number ? { sentAt: operation.createdAt, ...operation } : operation
        item.wasSent = false
      }
    },
    all: () => lanes.values(),
    inTurn() {
      if (!prioritised) return items.values()
      const urgency = new Map<string, number>()
      for (const { name, items: own } of lanes.values()) {
        urgency.set(name, Math.max(...own.map(({ operation }) => operation.priority ?? 0)))
      }
      const of = ({ operation }: Item): number => urgency.get(operation.lane) ?? 0
      return [...items.values()].sort((a, b) => of(b) - of(a))
    },
  }
}
