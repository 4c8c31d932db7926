/**
 * Owns what is under way (P4, P14): which operations may go now, how many are in flight, and what the
 * server says of them.
 *
 * Everything goes through `pump`: look at all operations in order, number and transmit what may go,
 * let what changed be written, and look again when the disk has answered. It does not know how an
 * operation got here, nor what becomes of it after its outcome.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Outcome } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock, Random } from '../clock.js'
import { type Item, type Lanes, sizeOf } from './lanes.js'
import type { StoredOperation } from './operation.js'

/** What the server grants a connection. */
export type Grant = DownBody<'welcome'>['limits']

export interface DispatcherOptions {
  readonly clock: Clock
  readonly random: Random
  readonly lanes: Lanes
  /** The most characters of a payload until a server has said otherwise. */
  readonly payloadLimit: number
  transmit(frames: readonly UpFrame[]): void
  /** The item has its number now: it must be on disk before it is transmitted. */
  onNumbered(item: Item): void
  onAcked(item: Item, outcome: Outcome): void
  onRefused(item: Item, error: ErrorInfo): void
}

export interface Dispatcher {
  readonly payloadLimit: number
  pump(): void
  /** Once for all that one transaction stored, so that they leave in one message. */
  pumpSoon(): void
  connected(grant: Grant, known?: DownBody<'welcome'>['lanes']): void
  disconnected(): void
  acked(ack: DownBody<'ack'>): void
  nacked(nack: DownBody<'nack'>): void
  close(): void
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, lanes } = options
  let grant: Grant | null = null
  let { payloadLimit } = options
  let inFlight = 0
  let isPumpDue = false
  let stopTimer = (): void => {}

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
      const { lane } = item.operation
      const own = lanes.laneOf(item)
      if (own.resumeAt > now) {
        wakeAt = Math.min(wakeAt, own.resumeAt)
        continue
      }
      if (own.isRecalled && own.items.some(({ isFlying }) => isFlying)) continue
      own.isRecalled = false
      if (own.isMisnumbered) lanes.renumber(own)
      const { number } = item.operation
      const error = tooLarge(item)
      if (error && !number) {
        options.onRefused(item, error)
        continue
      }
      if (!number && !lanes.number(item)) continue
      room -= 1
      if (!number) options.onNumbered(item)
      if (item.durable === item.version && !behind.has(lane)) ready.push(item)
      else behind.add(lane)
    }
    fly(ready, grant.message)
    stopTimer()
    stopTimer = wakeAt === Infinity ? () => {} : clock.after(wakeAt - now, pump)
  }

  function tooLarge({ operation }: Item): ErrorInfo | undefined {
    const size = sizeOf(operation)
    if (size > payloadLimit) return brokerError('too-large', { size, limit: payloadLimit })
    return undefined
  }

  function fly(items: readonly Item[], messageLimit: number): void {
    let frames: UpFrame[] = []
    let size = 0
    for (const item of items) {
      item.isFlying = true
      inFlight += 1
      const length = lengthOf(item.operation)
      if (frames.length && size + length > messageLimit) {
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

  return {
    get payloadLimit() {
      return payloadLimit
    },
    pump,
    pumpSoon() {
      if (isPumpDue) return
      isPumpDue = true
      void Promise.resolve().then(() => {
        isPumpDue = false
        pump()
      })
    },

    connected(granted, known = []) {
      for (const { epoch } of known) lanes.outgrow(epoch)
      grant = granted
      payloadLimit = Math.min(options.payloadLimit, granted.payload)
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
        const { key, number } = item.operation
        // An ack for what was never sent is a server's mistake; the operation must not pay for it.
        if (!number || number.seq > seq || !item.isFlying) break
        const result = resultOf.get(number.seq)
        land(item)
        options.onAcked(item, { key, outcome: 'acked', ...(isJson(result) && { result }) })
      }
      pump()
    },

    nacked(nack) {
      const lane = lanes.lane(nack.lane)
      if (lane?.epoch !== nack.epoch) return
      const item = lane.items.find(({ operation }) => operation.number?.seq === nack.seq)
      if (!item?.isFlying) return
      lane.isMisnumbered ||= MISNUMBERED.includes(nack.code)
      if (nack.verdict === 'drop' && !lane.isMisnumbered) {
        land(item)
        options.onRefused(item, tooLarge(item) ?? refusal(nack))
      } else {
        const wait = (nack.after ?? 1000) + options.random() * (nack.spread ?? 0)
        lane.resumeAt = Math.max(lane.resumeAt, clock.now() + wait)
        // What is behind it gets such an answer too; until then it counts as on its way.
        lane.isRecalled = true
        land(item)
      }
      pump()
    },

    close() {
      grant = null
      stopTimer()
    },
  }
}

/** Refusals of the number, not of the operation: one of the two sides has an older disk (F32). */
const MISNUMBERED: readonly string[] = ['out-of-order', 'stale-epoch', 'number-reused']

/** Nobody could open another result, and its operation has taken effect all the same. */
function isJson(result: string | undefined): result is string {
  try {
    JSON.parse(result ?? '')
    return true
  } catch {
    return false
  }
}

function refusal({ code, why }: DownBody<'nack'>): ErrorInfo {
  return brokerError('rejected', { reason: code, ...(why !== undefined && { why }) })
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
