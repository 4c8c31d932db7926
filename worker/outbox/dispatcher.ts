/**
 * Owns what is under way (P4, P14): which operations may go now, how many are in flight, and what the
 * server says of them.
 *
 * Everything goes through `pump`: look at all operations in turn, number and transmit what may go,
 * let what changed be written, and look again when the disk has answered. It does not know how an
 * operation got here, nor what becomes of it after its outcome.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Outcome } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock, Random } from '../clock.js'
import { type Item, type Lane, type Lanes, sizeOf, wasGiven } from './lanes.js'
import { lengthOf, toFrame } from './op-frame.js'

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
  /** It goes once more under its number. */
  onResent(item: Item): void
  /** Its time has passed. */
  onExpired(item: Item): void
  /** It has been sent as often as its sender allowed. */
  onExhausted(item: Item): void
  onAcked(item: Item, outcome: Outcome): void
  onRefused(item: Item, error: ErrorInfo): void
  /** The server wants a fresher token before it goes on. Resolves when it has one, or none is to be had. */
  onTokenNeeded(): Promise<void>
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
    for (const item of lanes.inTurn()) {
      if (room <= 0) break
      // What is refused on the way leaves at once, and `inTurn` may have been a copy.
      if (item.isFlying || !lanes.items.has(item.operation.key)) continue
      const { lane } = item.operation
      const own = lanes.laneOf(item)
      if (own.resumeAt > now) {
        wakeAt = Math.min(wakeAt, own.resumeAt)
        continue
      }
      if (own.isHeld || (own.isRecalled && own.items.some(({ isFlying }) => isFlying))) continue
      own.isRecalled = false
      if (own.isMisnumbered) {
        renumber(own)
        if (!lanes.items.has(item.operation.key)) continue
      }
      if (!isReady(item)) continue
      room -= 1
      if (item.durable === item.version && !behind.has(lane)) ready.push(item)
      else behind.add(lane)
    }
    fly(ready, grant.message)
    stopTimer()
    stopTimer = wakeAt === Infinity ? () => {} : clock.after(wakeAt - now, pump)
  }

  /** Whether it has a number now. What can never go gets its outcome here. */
  function isReady(item: Item): boolean {
    const { number, maxAttempts = Infinity, attempts = 0 } = item.operation
    // Under its first number it has not gone yet.
    const isSent = number ? item.wasSent : wasGiven(item.operation)
    // Its timer may be late: a worker that was suspended hears the network first.
    if (item.expiresAt <= clock.now()) options.onExpired(item)
    if (isSent && attempts >= maxAttempts) options.onExhausted(item)
    if (number) return true
    if (!lanes.items.has(item.operation.key)) return false
    const error = isSent ? undefined : tooLarge(item)
    if (error) {
      options.onRefused(item, error)
      return false
    }
    if (!lanes.number(item, clock.wall())) return false
    options.onNumbered(item)
    return true
  }

  /** The server may have forgotten what it was sent so long ago: then only a person can decide (F31). */
  function renumber(lane: Lane): void {
    lanes.renumber(lane)
    const { keys = Infinity } = grant ?? {}
    for (const item of [...lane.items]) {
      const { sentAt = Infinity } = item.operation
      if (clock.wall() - sentAt <= keys) continue
      const why = 'the server forgets keys sooner than it was asked again'
      options.onRefused(item, brokerError('outcome-unknown', { why }))
    }
  }

  function holdForToken(lane: Lane): void {
    lane.isHeld = true
    void options.onTokenNeeded().finally(() => {
      lane.isHeld = false
      pump()
    })
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
      if (item.wasSent) resend(item)
      item.wasSent = true
      const length = lengthOf(item)
      if (frames.length && size + length > messageLimit) {
        options.transmit(frames)
        frames = []
        size = 0
      }
      frames.push(['op', toFrame(item, payloadLimit, clock.now())])
      size += length
    }
    if (frames.length) options.transmit(frames)
  }

  function resend(item: Item): void {
    const { attempts = 0 } = item.operation
    item.operation = { ...item.operation, attempts: attempts + 1 }
    options.onResent(item)
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
      for (const lane of lanes.all()) {
        lane.resumeAt = 0
        // The next hello brings a token anyway.
        lane.isHeld = false
      }
    },

    acked({ lane: name, epoch, seq, results = [] }) {
      const lane = lanes.lane(name)
      if (lane?.epoch !== epoch) return
      const resultOf = new Map(results)
      for (const item of [...lane.items]) {
        const { key, number } = item.operation
        if (!number || number.seq > seq) break
        // An ack for what was never sent is a server's mistake; the operation must not pay for it. And
        // what was told to come again does, while something behind it took effect under its key before.
        if (!item.isFlying) continue
        const result = resultOf.get(number.seq)
        land(item)
        lane.misfits = 0
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
      // What nobody knows of does not go again under another number either.
      const isOver = !lane.isMisnumbered || nack.code === 'outcome-unknown'
      if (nack.verdict === 'drop' && isOver) {
        land(item)
        lane.misfits = 0
        // A tombstone that was made because of its size; how it ended before goes before that.
        const isBuried = nack.code === 'withdrawn' && !item.operation.withdrawn
        options.onRefused(item, (isBuried && tooLarge(item)) || refusal(nack))
      } else {
        const { after = nack.verdict === 'auth' ? 0 : 1000, spread = 0 } = nack
        const wait = after + options.random() * spread
        lane.resumeAt = Math.max(lane.resumeAt, clock.now() + wait)
        // What is behind it gets such an answer too; until then it counts as on its way.
        lane.isRecalled = true
        land(item)
        if (nack.verdict === 'auth') holdForToken(lane)
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
  if (code === 'expired') return brokerError('expired', {})
  if (code === 'outcome-unknown') {
    return brokerError('outcome-unknown', { why: why ?? 'the server has forgotten it' })
  }
  return brokerError('rejected', { reason: code, ...(why !== undefined && { why }) })
}
