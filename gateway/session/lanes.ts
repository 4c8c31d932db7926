/**
 * Owns the operations of one connection: taken in order within a lane, committed, answered in order.
 * Lanes do not wait for each other (P4). What was settled before gets its first answer again (P3).
 *
 * When an operation fails for now, everything behind it in its lane is refused for now too: the log
 * takes no number before its predecessor, so order needs no bookkeeping of promises here.
 */
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { HELLO_MAX } from '../../protocol/wire/limits.js'
import type { Effect, Settlement } from '../log/log.js'
import { Unauthorized } from '../unauthorized.js'
import { nackFor, type Outcome } from './answer.js'
import type { Authority } from './authority.js'
import type { Place } from './clients.js'
import { createLane, isIdle, keyBefore, type Lane, replyIn, type Slot, type Taken } from './lane.js'
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
  readonly authority: Authority
  readonly client: string
  readonly place: Place
  readonly voice: Voice
  /** Where each lane's count begins, as the hello says. */
  readonly declared: UpBody<'hello'>['lanes']
}

const NOTHING: Effect = { publish: [], answer: { ok: true } }
const EXPIRED: Effect = { publish: [], answer: { ok: false, code: 'expired' } }

export function createLanes(options: LanesOptions): Lanes {
  const { wiring, authority, client, place, voice, declared } = options
  const { log, clock, limits, counters, logger, decide } = wiring
  const lanes = new Map<string, Lane>()
  const slot = (lane: string, epoch: number): string => `${epoch} ${lane}`
  const lowest = new Map(declared.map(({ lane, epoch, seq }) => [slot(lane, epoch), seq]))
  let inFlight = 0
  let chars = 0
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
    const lane = createLane(name)
    lanes.set(name, lane)
    return lane
  }

  async function work(lane: Lane): Promise<void> {
    lane.isWorking = true
    for (let taken = lane.waiting.shift(); taken; taken = lane.waiting.shift()) {
      while (authority.deciding) await authority.deciding
      if (isClosed) break
      // No `await` for what needs none: a lane of publishes is to share one commit.
      const passing = pass(lane, taken)
      if (passing) await passing
    }
    lane.isWorking = false
    dropIfIdle(lane)
  }

  /** Returns what the next one of the lane has to wait for. */
  function pass(lane: Lane, taken: Taken): Promise<void> | undefined {
    const { op, isTooMuch } = taken
    if (isTooMuch) {
      settle(lane, taken, Promise.reject(new NoRoom(limits.windowChars)))
      return undefined
    }
    const decision = decide(op, { caller: authority.caller, client })
    // What an older connection left running may be this very operation: it ends first (P5).
    const isFree = !op.withdrawn || !place.isBusy(op.lane)
    if (decision.when === 'now' && isFree && !isExpired(taken)) {
      settle(lane, taken, log.commit(authorOf(taken), decision.effect))
      return undefined
    }
    return inTurn(lane, taken, decision.when === 'now' ? async () => decision.effect : decision.run)
  }

  /** An app's own code sees what came before it as done, and nothing after it begins earlier. */
  async function inTurn(lane: Lane, taken: Taken, run: () => Promise<Effect>): Promise<void> {
    await quiet(lane)
    if (isClosed) return
    const settling = place.inLane(lane.name, () => runOnce(taken, run))
    settle(lane, taken, settling)
    await quiet(lane)
  }

  /** A client may name any number of lanes; only those in use cost memory (P14). */
  function dropIfIdle(lane: Lane): void {
    if (isIdle(lane) && lanes.get(lane.name) === lane) lanes.delete(lane.name)
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
    ttl !== undefined && !withdrawn && clock.now() - at >= ttl

  function settle(lane: Lane, taken: Taken, settling: Promise<Settlement>): void {
    const slot: Slot = { taken }
    lane.slots.push(slot)
    const done = (outcome: Outcome): void => {
      slot.outcome = outcome
      answerInOrder(lane)
    }
    settling.then(
      (settlement) => done({ settlement }),
      (error: unknown) => {
        if (!isClosed && !isOrdinary(error)) {
          const { type, lane: name } = taken.op
          logger('error', 'op-failed', { type, lane: name, error })
        }
        done({ error })
      },
    )
  }

  /** Without a wait between them: what one commit settled shares one ack. */
  function answerInOrder(lane: Lane): void {
    for (let [slot] = lane.slots; slot?.outcome; [slot] = lane.slots) {
      lane.slots.shift()
      inFlight -= 1
      chars -= sizeOf(slot.taken.op)
      if (!isClosed) answer(lane, slot.taken.op, slot.outcome)
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

  function answer(lane: Lane, op: Op, outcome: Outcome): void {
    const reply = replyIn(lane, op, outcome)
    counters.ops += 1
    if (outcome.settlement?.state === 'duplicate') counters.duplicates += 1
    if (outcome.settlement?.state === 'forgotten') counters.unknown += 1
    if (reply.kind === 'ack') return voice.ack(op.lane, op.epoch, op.seq, reply.result)
    counters[COUNTED[reply.kind]] += 1
    voice.say(nackFor(op, reply))
  }

  return {
    take(op) {
      if (inFlight >= limits.window) return false
      // Lanes that wait for a repeat or for a new epoch are remembered; a hello names no more either.
      if (lanes.size >= HELLO_MAX && !lanes.has(op.lane)) return false
      const lane = laneOf(op.lane)
      const isTooMuch = chars > 0 && chars + sizeOf(op) > limits.windowChars
      const taken = {
        op: isTooMuch ? withoutPayload(op) : op,
        follows: keyBefore(lane, op),
        at: clock.now(),
        isTooMuch,
      }
      inFlight += 1
      chars += sizeOf(taken.op)
      lane.waiting.push(taken)
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

const COUNTED = { drop: 'refused', retry: 'retried', auth: 'unauthorized' } as const

const sizeOf = ({ payload = '' }: Op): number => payload.length
const withoutPayload = ({ payload: _, ...rest }: Op): Op => rest

/** Part of the day's work: counted, not logged. */
const isOrdinary = (error: unknown): boolean =>
  error instanceof Unauthorized || error instanceof NoRoom

class NoRoom extends Error {
  override readonly name = 'NoRoom'
  constructor(limit: number) {
    super(`operations in flight exceed ${limit} characters`)
  }
}
