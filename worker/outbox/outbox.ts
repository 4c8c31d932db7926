/**
 * Owns the way of an operation from `send` to its outcome (P2–P5): on disk first, numbered in the
 * transaction that precedes its first transmission, pipelined within the server's window, removed
 * only after the server has settled it (F19).
 *
 * Everything goes through `pump`: look at all operations in order, number and transmit what may go,
 * write what changed, and look again when the disk has answered. It does not know why the line is
 * down, nor which tab waits for an outcome.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { NewOperation, Outcome } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock, Random } from '../clock.js'
import type { Change, Loaded } from '../storage/store.js'
import { createLanes, type Item, sizeOf } from './lanes.js'
import { createLedger, type Ledger } from './ledger.js'
import type { StoredOperation } from './operation.js'

export interface OutboxLimits {
  readonly operations: number
  readonly bytes: number
}

/** What the server grants a connection. */
export type Grant = DownBody<'welcome'>['limits']

export interface OutboxOptions {
  readonly clock: Clock
  readonly random: Random
  readonly loaded: Pick<Loaded, 'incarnation' | 'operations'>
  readonly limits: OutboxLimits
  /** Resolves when durable; rejects when it will not be: the operation then lives in memory. */
  write(changes: readonly Change[]): Promise<void>
  transmit(frames: readonly UpFrame[]): void
  onOutcome(outcome: Outcome): void
  onChange(): void
}

export interface Outbox {
  /** Operations without an outcome. */
  readonly queued: number
  readonly ledger: Ledger
  /** The promise is that of being stored. An operation whose key is known is the same operation. */
  add(operation: NewOperation): Promise<void> | ErrorInfo
  retry(key: Key): boolean
  discard(key: Key): boolean
  /** Where each lane begins for a server that may remember more. */
  lanes(): UpBody<'hello'>['lanes']
  connected(grant: Grant): void
  disconnected(): void
  acked(ack: DownBody<'ack'>): void
  nacked(nack: DownBody<'nack'>): void
  close(): void
}

const FAILURES_KEPT = 100

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, limits } = options
  const lanes = createLanes(options.loaded.incarnation)
  const failures = new Map<Key, StoredOperation>()
  const ledger = createLedger(
    (key) => lanes.items.get(key)?.operation ?? failures.get(key),
    () => [...lanes.items.keys(), ...failures.keys()],
    options.onChange,
  )
  let nextN = 1
  let grant: Grant | null = null
  let payloadLimit = limits.bytes
  let inFlight = 0
  let isPumpDue = false
  let stopTimer = (): void => {}

  for (const operation of options.loaded.operations) {
    nextN = operation.n + 1
    if (operation.failed) failures.set(operation.key, operation)
    else lanes.add(operation).durable = 1
  }

  /** Writes the item as it is now; the line goes on when that is durable. */
  function store(item: Item): Promise<void> {
    const { version } = item
    item.stored = write([{ type: 'put-operation', operation: item.operation }])
    const proceed = (): void => {
      item.durable = Math.max(item.durable, version)
      pumpSoon()
    }
    // A refused write leaves the operation in memory; its sender learns that from `stored`.
    item.stored.then(proceed, proceed)
    return item.stored
  }

  /** Once for all that one transaction stored, so that they leave in one message. */
  function pumpSoon(): void {
    if (isPumpDue) return
    isPumpDue = true
    void Promise.resolve().then(() => {
      isPumpDue = false
      pump()
    })
  }

  const write = (changes: readonly Change[]): Promise<void> => options.write(changes)
  /** For what nobody waits for: if it is not written, the server will recognise the repetition. */
  const writeLater = (change: Change): void => void write([change]).catch(() => {})

  function pump(): void {
    if (!grant) return
    const now = clock.now()
    /** Lanes in which an earlier operation is not on disk yet: later ones may not overtake it. */
    const behind = new Set<string>()
    const ready: Item[] = []
    let wakeAt = Infinity
    let room = grant.window - inFlight
    for (const item of lanes.items.values()) {
      if (room <= 0) break
      if (item.isFlying) continue
      const { lane, number } = item.operation
      const { resumeAt } = lanes.laneOf(item)
      if (resumeAt > now) {
        wakeAt = Math.min(wakeAt, resumeAt)
        continue
      }
      const size = sizeOf(item.operation)
      if (!number && size > payloadLimit) {
        fail(item, { code: 'too-large', details: { size, limit: payloadLimit } })
        continue
      }
      room -= 1
      if (number && item.durable === item.version && !behind.has(lane)) {
        ready.push(item)
        continue
      }
      behind.add(lane)
      if (number) continue
      lanes.number(item)
      ledger.changed(item.operation.key)
      void store(item)
    }
    fly(ready)
    stopTimer()
    stopTimer = wakeAt === Infinity ? () => {} : clock.after(wakeAt - now, pump)
  }

  function fly(items: readonly Item[]): void {
    let frames: UpFrame[] = []
    let size = 0
    for (const item of items) {
      item.isFlying = true
      inFlight += 1
      const length = lengthOf(item.operation)
      if (frames.length && size + length > (grant?.message ?? 0)) {
        options.transmit(frames)
        frames = []
        size = 0
      }
      frames.push(['op', toFrame(item.operation, payloadLimit)])
      size += length
    }
    if (frames.length) options.transmit(frames)
  }

  function land(item: Item): void {
    if (item.isFlying) inFlight -= 1
    item.isFlying = false
  }

  function settle(item: Item, outcome: Outcome): void {
    land(item)
    lanes.remove(item)
    ledger.changed(item.operation.key)
    options.onOutcome(outcome)
  }

  /** A refusal frees the lane and stays to be seen (F30). */
  function fail(item: Item, error: ErrorInfo): void {
    const { number: _, ...rest } = item.operation
    const failed = { ...rest, failed: error }
    failures.set(failed.key, failed)
    settle(item, { key: failed.key, outcome: 'rejected', error })
    writeLater({ type: 'put-operation', operation: failed })
    for (const key of failures.keys()) {
      if (failures.size <= FAILURES_KEPT) break
      forget(key)
    }
  }

  function forget(key: Key): void {
    failures.delete(key)
    ledger.changed(key)
    writeLater({ type: 'delete-operation', key })
  }

  function enqueue(operation: StoredOperation): Item {
    const item = lanes.add(operation)
    ledger.changed(operation.key)
    pump()
    // Neither numbered nor refused by the pump, so not yet on its way to the disk.
    if (item.version === 1 && lanes.items.has(operation.key)) void store(item)
    return item
  }

  return {
    ledger,
    get queued() {
      return lanes.items.size
    },

    add(operation) {
      const known = lanes.items.get(operation.key)
      if (known) return known.stored
      const failed = failures.get(operation.key)
      if (failed?.failed) {
        options.onOutcome({ key: failed.key, outcome: 'rejected', error: failed.failed })
        return Promise.resolve()
      }
      const size = operation.payload?.length ?? 0
      if (size > payloadLimit) {
        return { code: 'too-large', details: { size, limit: payloadLimit } }
      }
      if (lanes.items.size >= limits.operations) {
        return { code: 'outbox-full', details: { limit: 'operations' } }
      }
      if (lanes.bytes + size > limits.bytes) {
        return { code: 'outbox-full', details: { limit: 'bytes' } }
      }
      return enqueue({ ...operation, n: nextN++, createdAt: clock.wall() }).stored
    },

    retry(key) {
      const failed = failures.get(key)
      if (!failed) return false
      failures.delete(key)
      const { failed: _, ...operation } = failed
      enqueue({ ...operation, n: nextN++ })
      return true
    },

    discard(key) {
      if (failures.has(key)) {
        forget(key)
        return true
      }
      const item = lanes.items.get(key)
      // What has a number may have taken effect: its fate is the server's.
      if (!item || item.operation.number) return false
      settle(item, { key, outcome: 'discarded', error: { code: 'discarded', details: {} } })
      writeLater({ type: 'delete-operation', key })
      return true
    },

    lanes() {
      const result: UpBody<'hello'>['lanes'] = []
      for (const lane of lanes.all()) {
        const number = lane.items[0]?.operation.number
        if (number) result.push({ lane: lane.name, ...number })
      }
      return result
    },

    connected(limitsOfServer) {
      grant = limitsOfServer
      payloadLimit = Math.min(limits.bytes, limitsOfServer.payload)
      pump()
    },

    disconnected() {
      grant = null
      inFlight = 0
      stopTimer()
      for (const item of lanes.items.values()) item.isFlying = false
      for (const lane of lanes.all()) lane.resumeAt = 0
    },

    acked({ lane: name, epoch, seq, results = [] }) {
      const lane = lanes.lane(name)
      if (lane?.epoch !== epoch) return
      const resultOf = new Map(results)
      for (const item of [...lane.items]) {
        const number = item.operation.number
        // An ack for what was never sent is a server's mistake; the operation must not pay for it.
        if (!number || number.seq > seq || !item.isFlying) break
        const result = resultOf.get(number.seq)
        const { key } = item.operation
        settle(item, result === undefined ? { key, outcome: 'acked' } : { key, outcome: 'acked', result })
        writeLater({ type: 'delete-operation', key })
      }
      pump()
    },

    nacked(nack) {
      const lane = lanes.lane(nack.lane)
      if (lane?.epoch !== nack.epoch) return
      const item = lane.items.find(({ operation }) => operation.number?.seq === nack.seq)
      if (!item?.isFlying) return
      if (nack.verdict === 'drop') {
        const why = nack.why === undefined ? {} : { why: nack.why }
        fail(item, { code: 'rejected', details: { reason: nack.code, ...why } })
      } else {
        const wait = (nack.after ?? 1000) + options.random() * (nack.spread ?? 0)
        lane.resumeAt = Math.max(lane.resumeAt, clock.now() + wait)
        for (const later of lane.items.slice(lane.items.indexOf(item))) land(later)
      }
      pump()
    },

    close() {
      grant = null
      stopTimer()
    },
  }
}

/** The most characters that the frame can take: escaping at most doubles a text. */
function lengthOf({ lane, key, type, channel = '', payload = '' }: StoredOperation): number {
  return 2 * (lane.length + key.length + type.length + channel.length + payload.length) + 200
}

function toFrame(operation: StoredOperation, payloadLimit: number): UpBody<'op'> {
  const { lane, number, key, type, channel, payload } = operation
  if (!number) throw new Error('an operation travels only with its number')
  const head = { lane, ...number, key, type, ...(channel !== undefined && { channel }) }
  // Once sent, then refused by a smaller limit: settle its number, or the lane waits for ever (F28).
  if (sizeOf(operation) > payloadLimit) return { ...head, withdrawn: true }
  return payload === undefined ? head : { ...head, payload }
}
