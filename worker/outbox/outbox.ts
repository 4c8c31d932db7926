/**
 * Owns the operations of the line from `send` to their outcome (P2, P3, P5): on disk first, removed
 * only after the server has settled them (F19), and what was refused for good kept to be seen. When
 * each may travel is the dispatcher's business; which tab waits for an outcome is nobody's here.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { NewOperation, Outcome } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock, Random } from '../clock.js'
import { badName } from '../names.js'
import type { Change, Loaded } from '../storage/store.js'
import { createDispatcher, type Dispatcher } from './dispatcher.js'
import { createLanes, type Item } from './lanes.js'
import { createLedger, type Ledger } from './ledger.js'
import type { StoredOperation } from './operation.js'

export interface OutboxLimits {
  readonly operations: number
  readonly bytes: number
}

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

export interface Outbox
  extends Pick<Dispatcher, 'connected' | 'disconnected' | 'acked' | 'nacked' | 'close'> {
  /** Operations without an outcome. */
  readonly queued: number
  readonly ledger: Ledger
  /** The promise is that of being stored. An operation whose key is known is the same operation. */
  add(operation: NewOperation): Promise<void> | ErrorInfo
  retry(key: Key): boolean
  discard(key: Key): boolean
  /** Where each lane begins, for a server that may remember more. */
  lanes(): UpBody<'hello'>['lanes']
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
  const dispatcher = createDispatcher({
    clock,
    random: options.random,
    lanes,
    payloadLimit: limits.bytes,
    transmit: options.transmit,
    onNumbered(item) {
      ledger.changed(item.operation.key)
      void store(item)
    },
    onAcked(item, outcome) {
      settle(item, outcome)
      writeLater({ type: 'delete-operation', key: outcome.key })
    },
    onRefused: fail,
  })
  let nextN = 1

  for (const operation of options.loaded.operations) {
    nextN = operation.n + 1
    if (operation.failed) failures.set(operation.key, operation)
    else lanes.add(operation).durable = 1
  }

  /** Writes the item as it is now; the line goes on when that is durable. */
  function store(item: Item): Promise<void> {
    const { version } = item
    item.stored = options.write([{ type: 'put-operation', operation: item.operation }])
    const proceed = (): void => {
      item.durable = Math.max(item.durable, version)
      dispatcher.pumpSoon()
    }
    // A refused write leaves the operation in memory; its sender learns that from `stored`.
    item.stored.then(proceed, proceed)
    return item.stored
  }

  /** For what nobody waits for: if it is not written, the server will recognise the repetition. */
  const writeLater = (change: Change): void => void options.write([change]).catch(() => {})

  function settle(item: Item, outcome: Outcome): void {
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
    dispatcher.pump()
    // Neither numbered nor refused by the pump, so not yet on its way to the disk.
    if (item.version === 1 && lanes.items.has(operation.key)) void store(item)
    return item
  }

  function refuse(operation: NewOperation): ErrorInfo | undefined {
    const { key, lane, type, channel = type, payload } = operation
    for (const [option, name] of Object.entries({ key, lane, type, channel })) {
      const error = badName(option, name)
      if (error) return error
    }
    const size = payload?.length ?? 0
    const limit = dispatcher.payloadLimit
    if (size > limit) return brokerError('too-large', { size, limit })
    if (lanes.items.size >= limits.operations) {
      return brokerError('outbox-full', { limit: 'operations' })
    }
    if (lanes.bytes + size > limits.bytes) {
      return brokerError('outbox-full', { limit: 'bytes' })
    }
    return undefined
  }

  return {
    connected: dispatcher.connected,
    disconnected: dispatcher.disconnected,
    acked: dispatcher.acked,
    nacked: dispatcher.nacked,
    close: dispatcher.close,
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
      const error = refuse(operation)
      if (error) return error
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
      settle(item, { key, outcome: 'discarded', error: brokerError('discarded', {}) })
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
  }
}
