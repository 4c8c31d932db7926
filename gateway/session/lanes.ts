/**
 * Owns the operations of one connection: taken in order within a lane, committed, answered in order.
 * Lanes do not wait for each other (P4). What was settled before gets its first answer again (P3).
 *
 * When an operation fails for now, everything behind it in its lane is refused for now too: the log
 * takes no number before its predecessor, so order needs no bookkeeping of promises here.
 */
import type { DownFrame } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { HELLO_MAX } from '../../protocol/wire/limits.js'
import type { Effect, Settlement } from '../log/log.js'
import { answerTo, type Reply } from './answer.js'
import type { Place } from './clients.js'
import type { Voice } from './voice.js'
import type { Wiring } from './wiring.js'

type Op = UpBody<'op'>

export interface Lanes {
  /** False: more in flight than the window allows, or in more lanes than a client may have. */
  take(op: Op): boolean
  readonly inFlight: number
  close(): void
}

export interface LanesOptions {
  readonly wiring: Wiring
  readonly identity: string
  readonly client: string
  readonly place: Place
  readonly voice: Voice
  /** Where each lane's count begins, as the hello says. */
  readonly declared: UpBody<'hello'>['lanes']
}

interface Taken {
  readonly op: Op
  readonly follows: string | undefined
  readonly at: number
}

type Named = Pick<Op, 'epoch' | 'seq' | 'key'>

interface Lane {
  readonly name: string
  readonly waiting: Taken[]
  isWorking: boolean
  /** On their way through the log, in order; answered from the front. */
  readonly slots: Slot[]
  /** Called when the last slot has been answered. */
  onQuiet?: (() => void) | undefined
  /** The operation that failed for now, and how often in a row. */
  blocked?: { readonly epoch: number; readonly seq: number; readonly failures: number } | undefined
  /** The operation that came last. */
  last?: Named | undefined
  /** Its number was another operation's: nothing behind it in its epoch may take effect. */
  broken?: Named | undefined
}

interface Slot {
  readonly op: Op
  /** `settlement` undefined: it failed for now. */
  outcome?: { readonly settlement: Settlement | undefined }
}

const RETRY_MS = 1_000
const RETRY_MAX_MS = 30_000
const NOTHING: Effect = { publish: [], answer: { ok: true } }
const EXPIRED: Effect = { publish: [], answer: { ok: false, code: 'expired' } }

export function createLanes(options: LanesOptions): Lanes {
  const { wiring, identity, client, place, voice, declared } = options
  const { log, clock, limits, counters, logger, decide } = wiring
  const lanes = new Map<string, Lane>()
  const slot = (lane: string, epoch: number): string => `${epoch} ${lane}`
  const lowest = new Map(declared.map(({ lane, epoch, seq }) => [slot(lane, epoch), seq]))
  let inFlight = 0
  let isClosed = false

  const authorOf = ({ op: { lane, epoch, seq, key }, follows }: Taken) => ({
    client: place.author,
    lane,
    epoch,
    seq,
    key,
    lowest: lowest.get(slot(lane, epoch)) ?? 1,
    follows,
  })

  function laneOf(name: string): Lane {
    const known = lanes.get(name)
    if (known) return known
    const lane: Lane = { name, waiting: [], isWorking: false, slots: [] }
    lanes.set(name, lane)
    return lane
  }

  async function work(lane: Lane): Promise<void> {
    lane.isWorking = true
    for (let taken = lane.waiting.shift(); taken && !isClosed; taken = lane.waiting.shift()) {
      const { op } = taken
      const decision = decide(op, { identity, client })
      if (decision.when === 'now' && !isExpired(taken)) {
        settle(lane, op, log.commit(authorOf(taken), decision.effect))
        continue
      }
      // An app's own code sees what came before it as done, and nothing after it begins earlier.
      await quiet(lane)
      if (isClosed) break
      const run = decision.when === 'now' ? async () => decision.effect : decision.run
      settle(
        lane,
        op,
        place.inLane(op.lane, () => runOnce(taken, run)),
      )
      await quiet(lane)
    }
    lane.isWorking = false
    dropIfIdle(lane)
  }

  /** A client may name any number of lanes; only those in use cost memory (P14). */
  function dropIfIdle(lane: Lane): void {
    const { name, waiting, slots, isWorking, blocked, broken } = lane
    if (isWorking || waiting.length || slots.length || blocked || broken) return
    if (lanes.get(name) === lane) lanes.delete(name)
  }

  async function runOnce(taken: Taken, run: () => Promise<Effect>): Promise<Settlement> {
    const author = authorOf(taken)
    const known = await log.find(author)
    // Not committed: if its turn came in between, it would be settled without its effect.
    if (known?.state === 'misnumbered') return known
    if (known) return log.commit(author, NOTHING)
    if (isClosed) throw new Error('the connection has ended')
    return log.commit(author, isExpired(taken) ? EXPIRED : await run())
  }

  const isExpired = ({ op: { ttl, withdrawn }, at }: Taken): boolean =>
    ttl !== undefined && !withdrawn && clock.now() - at > ttl

  function settle(lane: Lane, op: Op, settling: Promise<Settlement>): void {
    const slot: Slot = { op }
    lane.slots.push(slot)
    settling.then(
      (settlement) => {
        slot.outcome = { settlement }
        answerInOrder(lane)
      },
      (error: unknown) => {
        if (!isClosed) logger('error', 'op-failed', { type: op.type, lane: op.lane, error })
        slot.outcome = { settlement: undefined }
        answerInOrder(lane)
      },
    )
  }

  /** Without a wait between them: what one commit settled shares one ack. */
  function answerInOrder(lane: Lane): void {
    for (let [slot] = lane.slots; slot?.outcome; [slot] = lane.slots) {
      lane.slots.shift()
      inFlight -= 1
      if (!isClosed) answer(lane, slot.op, slot.outcome.settlement)
    }
    if (lane.slots.length) return
    lane.onQuiet?.()
    dropIfIdle(lane)
  }

  const quiet = (lane: Lane): Promise<void> =>
    new Promise((resolve) => {
      if (!lane.slots.length) resolve()
      lane.onQuiet = resolve
    })

  function answer(lane: Lane, op: Op, settled: Settlement | undefined): void {
    const { blocked } = lane
    const isBehind = blocked?.epoch === op.epoch && op.seq > blocked.seq
    const reply: Reply = settled ? answerTo(settled, isBehind) : { kind: 'retry' }
    counters.ops += 1
    if (settled?.state === 'duplicate') counters.duplicates += 1
    if (reply.kind === 'retry') {
      counters.retried += 1
      if (!isBehind) {
        const failures =
          blocked?.epoch === op.epoch && blocked.seq === op.seq ? blocked.failures : 0
        lane.blocked = { epoch: op.epoch, seq: op.seq, failures: failures + 1 }
      }
      return voice.say(retryFrame(op, lane.blocked?.failures ?? 1))
    }
    if (settled?.state !== 'misnumbered') {
      lane.blocked = undefined
      if (lane.broken?.epoch !== op.epoch) lane.broken = undefined
    } else if (settled.why === 'number-reused') breakAt(lane, op)
    if (reply.kind === 'ack') return voice.ack(op.lane, op.epoch, op.seq, reply.result)
    counters.refused += 1
    const { code, why } = reply
    const number = { lane: op.lane, epoch: op.epoch, seq: op.seq }
    voice.say(['nack', { ...number, verdict: 'drop', code, ...(why === undefined ? {} : { why }) }])
  }

  function breakAt(lane: Lane, { epoch, seq, key }: Op): void {
    const isFarther = lane.broken?.epoch !== epoch || lane.broken.seq < seq
    if (isFarther) lane.broken = { epoch, seq, key }
  }

  /** The key before this one: the log compares it with what it knows of that number. */
  function keyBefore({ last, broken }: Lane, { epoch, seq }: Op): string | undefined {
    const before = [broken, last].find((one) => one?.epoch === epoch && one.seq === seq - 1)
    return before?.key
  }

  function retryFrame({ lane, epoch, seq }: Op, failures: number): DownFrame {
    const after = Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS)
    return ['nack', { lane, epoch, seq, verdict: 'retry', code: 'not-now', after, spread: after }]
  }

  return {
    take(op) {
      if (inFlight >= limits.window) return false
      // Lanes that wait for a repeat or for a new epoch are remembered; a hello names no more either.
      if (lanes.size >= HELLO_MAX && !lanes.has(op.lane)) return false
      inFlight += 1
      const lane = laneOf(op.lane)
      lane.waiting.push({ op, follows: keyBefore(lane, op), at: clock.now() })
      lane.last = { epoch: op.epoch, seq: op.seq, key: op.key }
      if (!lane.isWorking) void work(lane)
      return true
    },
    get inFlight() {
      return inFlight
    },
    close() {
      isClosed = true
      lanes.clear()
    },
  }
}
