/**
 * Owns the operations of the line from `send` to their outcome (P2, P3, P5): on disk first, removed
 * only after the server has settled them (F19), and what ended badly kept to be seen. When each may
 * travel is the dispatcher's business; which tab waits for an outcome is nobody's here.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { NewOperation, Outcome } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock, Random } from '../clock.js'
import type { Change, Loaded } from '../storage/store.js'
import { admit, type Limits } from './admission.js'
import { createDispatcher, type Dispatcher } from './dispatcher.js'
import { createEndings } from './endings.js'
import { createLanes, type Item, wasGiven } from './lanes.js'
import { createLedger, type Ledger } from './ledger.js'
import { createLives } from './lives.js'
import type { StoredOperation, Withdrawal } from './operation.js'
import { createRefusals, refusalIn } from './refusals.js'

export interface OutboxOptions {
  readonly clock: Clock
  readonly random: Random
  readonly loaded: Pick<Loaded, 'incarnation' | 'operations' | 'settled'>
  readonly limits: Limits
  /** Resolves when durable; rejects when it will not be: the operation then lives in memory. */
  write(changes: readonly Change[]): Promise<void>
  transmit(frames: readonly UpFrame[]): void
  onOutcome(outcome: Outcome): void
  onChange(): void
  onTokenNeeded(): Promise<void>
}

export interface Outbox
  extends Pick<Dispatcher, 'connected' | 'disconnected' | 'acked' | 'nacked'> {
  /** Operations without an outcome. */
  readonly queued: number
  readonly ledger: Ledger
  /**
   * Resolves when it is stored, or with why it is refused; rejects as the disk does. An operation whose
   * key is known is the same operation.
   */
  add(operation: NewOperation): Promise<ErrorInfo | undefined>
  retry(key: Key): boolean
  retryAll(): number
  discard(key: Key): boolean
  /** How all that waits ends with its identity: told by whoever has wiped the disk. */
  farewells(): readonly Outcome[]
  /** The disk came back, and has been given all this. */
  recovered(): void
  /** What the disk should have, as changes to an empty one. */
  snapshot(): readonly Change[]
  /** Where each lane begins, for a server that may remember more. */
  lanes(): UpBody<'hello'>['lanes']
  close(): void
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, limits, write } = options
  const lanes = createLanes(options.loaded.incarnation)
  const ledger = createLedger(
    (key) => lanes.items.get(key)?.operation ?? endings.failed(key),
    () => [...endings.failures().map(({ key }) => key), ...lanes.items.keys()],
    options.onChange,
  )
  const endings = createEndings({
    clock,
    lanes,
    settled: options.loaded.settled,
    write,
    onOutcome: options.onOutcome,
    onChange: ledger.changed,
  })
  const refusals = createRefusals(endings)
  const lives = createLives(clock, () => lanes.items.values(), expire)
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
    onResent(item) {
      ledger.changed(item.operation.key)
      if (item.operation.maxAttempts !== undefined) write([put(item)]).catch(() => {})
    },
    onExpired: expire,
    onExhausted: (item) => withdraw(item, 'exhausted'),
    onAcked: endings.settle,
    onRefused: endings.refused,
    onTokenNeeded: options.onTokenNeeded,
  })
  let nextN = 1

  for (const operation of options.loaded.operations) {
    nextN = operation.n + 1
    const { failed } = operation
    if (failed) endings.load({ ...operation, failed })
    else load(operation)
  }

  function load(operation: StoredOperation): void {
    const item = lanes.add(operation, operation.withdrawn ? Infinity : lives.endOf(operation))
    item.durable = item.version
    lives.watch(item)
  }

  function put(item: Item): Change {
    return { type: 'put-operation', operation: lives.snapshot(item) }
  }

  /** Writes the item as it is now; the line goes on when that is durable. */
  function store(item: Item): Promise<void> {
    const { version } = item
    item.stored = write([put(item)])
    const proceed = (): void => {
      item.durable = Math.max(item.durable, version)
      dispatcher.pumpSoon()
    }
    // A refused write leaves the operation in memory; its sender learns that from `stored`.
    item.stored.then(proceed, proceed)
    return item.stored
  }

  /** It was sent, so its fate is the server's: from now on it travels as a tombstone. */
  function withdraw(item: Item, why: Withdrawal): void {
    if (item.operation.withdrawn) return
    item.operation = { ...item.operation, withdrawn: why }
    item.expiresAt = Infinity
    item.version += 1
    const lane = lanes.laneOf(item)
    // Nobody waits for the head of the lane any more.
    if (lane.items[0] === item) lane.resumeAt = 0
    ledger.changed(item.operation.key)
    void store(item)
  }

  function expire(item: Item): void {
    if (wasGiven(item.operation)) withdraw(item, 'expired')
    else endings.fail(item, 'expired', brokerError('expired', {}))
  }

  function enqueue(operation: StoredOperation, ttl = Infinity): Item {
    endings.revive(operation.key)
    const item = lanes.add(operation, clock.now() + ttl)
    item.operation = lives.snapshot(item)
    ledger.changed(operation.key)
    dispatcher.pump()
    // Neither numbered nor refused by the pump, so not yet on its way to the disk.
    if (item.version === 1 && lanes.items.has(operation.key)) void store(item)
    lives.watch(item)
    return item
  }

  function again({ failed: _, attempts: __, ...operation }: StoredOperation): void {
    enqueue({ ...operation, n: nextN++ })
  }

  return {
    connected: dispatcher.connected,
    disconnected: dispatcher.disconnected,
    acked: dispatcher.acked,
    nacked: dispatcher.nacked,
    close() {
      refusals.close()
      lives.close()
      dispatcher.close()
    },
    ledger,
    get queued() {
      return lanes.items.size
    },

    add(operation) {
      const { ttl, again: isAgain = false, ...rest } = operation
      const known = lanes.items.get(operation.key)
      if (known) return after(known.stored)
      const stored = { ...rest, n: nextN++, createdAt: clock.wall() }
      const end = endings.endOf(operation)
      const refusal = end && refusalIn(end.outcome)
      if (refusal) return refusals.refuse(stored, refusal, isAgain)
      if (end) {
        const tell = (): void => options.onOutcome(end.outcome)
        end.written.then(tell, tell)
        return after(end.written)
      }
      const { error, drop } = admit(operation, lanes, limits, dispatcher.payloadLimit)
      if (error) return refusals.refuse(stored, error, isAgain)
      if (ttl !== undefined && ttl <= 0) {
        return after(endings.keep(stored, 'expired', brokerError('expired', {})))
      }
      for (const item of drop) {
        endings.fail(item, 'discarded', brokerError('discarded', { by: 'overflow' }))
      }
      return after(enqueue(stored, ttl).stored)
    },

    retry(key) {
      const failed = endings.failed(key)
      if (failed) again(failed)
      return failed !== undefined
    },

    retryAll() {
      const all = endings.failures()
      all.forEach(again)
      return all.length
    },

    discard(key) {
      const item = lanes.items.get(key)
      if (item && wasGiven(item.operation)) withdraw(item, 'discarded')
      else if (item) {
        const error = brokerError('discarded', { by: 'user' })
        endings.settle(item, { key, outcome: 'discarded', error })
      } else if (endings.failed(key)) endings.forget(key)
      else return false
      return true
    },

    farewells: () =>
      Array.from(lanes.items.values(), ({ operation }) => {
        const { key } = operation
        const sent = wasGiven(operation) && ({ sent: true } as const)
        const error = brokerError('discarded', { by: 'sign-out', ...sent })
        return { key, outcome: 'discarded', error }
      }),

    recovered() {
      endings.recovered()
      for (const item of lanes.items.values()) {
        // What came while all this was written is still on its way there.
        if (item.durable === item.version) item.stored = Promise.resolve()
      }
    },

    snapshot: () => [...Array.from(lanes.items.values(), put), ...endings.snapshot()],

    lanes() {
      const result: UpBody<'hello'>['lanes'] = []
      for (const lane of lanes.all()) {
        const number = lane.items[0]?.operation.number
        if (!number) continue
        const { epoch } = number
        const seq = Math.min(number.seq, endings.unwritten(lane.name, epoch))
        result.push({ lane: lane.name, epoch, seq })
      }
      return result
    },
  }
}

const after = (stored: Promise<void>): Promise<undefined> => stored.then(() => undefined)
