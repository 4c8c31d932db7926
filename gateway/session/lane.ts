/**
 * Owns what a connection remembers of one lane, and what an operation is answered in the light of it:
 * what waits, what is on its way, which operation has to come again before anything behind it (P4).
 * It knows neither log nor clock nor wire.
 */
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { Unauthorized } from '../unauthorized.js'
import { answerTo, answerToFailure, type Outcome, type Reply } from './answer.js'

type Op = UpBody<'op'>
type Named = Pick<Op, 'epoch' | 'seq' | 'key'>

/** An operation that was received. */
export interface Taken {
  readonly op: Op
  /** The key that came under the number before. */
  readonly follows: string | undefined
  /** When, on the monotonic clock. */
  readonly at: number
  /** There was no room for it: it is to come again. */
  readonly isTooMuch: boolean
}

/** An operation on its way through the log. */
export interface Slot {
  readonly taken: Taken
  outcome?: Outcome
}

interface Blocked {
  readonly epoch: number
  readonly seq: number
  readonly needs: 'time' | 'token'
  /** How often in a row. */
  readonly failures: number
  /** What it was told to wait. */
  readonly after: number
}

export interface Lane {
  readonly name: string
  readonly waiting: Taken[]
  isWorking: boolean
  /** In order; answered from the front. */
  readonly slots: Slot[]
  /** Called when the last slot has been answered. */
  onQuiet?: (() => void) | undefined
  /** The operation that failed for now. */
  blocked?: Blocked | undefined
  /** The operation that came last. */
  last?: Named | undefined
  /** Its number was another operation's: nothing behind it in its epoch may take effect. */
  broken?: Named | undefined
}

export const createLane = (name: string): Lane => ({
  name,
  waiting: [],
  isWorking: false,
  slots: [],
})

/** Nothing of it needs to be remembered. */
export const isIdle = ({ waiting, slots, isWorking, blocked, broken }: Lane): boolean =>
  !(isWorking || waiting.length || slots.length || blocked || broken)

/** The key before this one: the log compares it with what it knows of that number. */
export function keyBefore({ last, broken }: Lane, { epoch, seq }: Op): string | undefined {
  const before = [broken, last].find((one) => one?.epoch === epoch && one.seq === seq - 1)
  return before?.key
}

/**
 * What the operation is told, and from now on everything behind it. What stands behind one that has to
 * come again is told to come again too, after the same time, whatever the first one needs: it goes
 * with it, and asks for no token of its own.
 */
export function replyIn(lane: Lane, op: Op, outcome: Outcome): Reply {
  const { blocked } = lane
  const isBehind = blocked?.epoch === op.epoch && op.seq > blocked.seq
  const { settlement } = outcome
  const reply = settlement && answerTo(settlement, isBehind)
  if (!settlement || !reply) {
    if (isBehind) return { kind: 'retry', after: blocked.after }
    return block(lane, op, settlement ? undefined : outcome.error)
  }
  if (settlement.state !== 'misnumbered') {
    lane.blocked = undefined
    if (lane.broken?.epoch !== op.epoch) lane.broken = undefined
  } else if (settlement.why === 'number-reused') breakAt(lane, op)
  return reply
}

function block(lane: Lane, { epoch, seq }: Op, error: unknown): Reply {
  const { blocked } = lane
  const needs = error instanceof Unauthorized ? 'token' : 'time'
  const isAgain = blocked?.epoch === epoch && blocked.seq === seq && blocked.needs === needs
  const failures = isAgain ? blocked.failures + 1 : 1
  const reply = answerToFailure(error, failures)
  lane.blocked = { epoch, seq, needs, failures, after: 'after' in reply ? reply.after : 0 }
  return reply
}

function breakAt(lane: Lane, { epoch, seq, key }: Op): void {
  const isFarther = lane.broken?.epoch !== epoch || lane.broken.seq < seq
  if (isFarther) lane.broken = { epoch, seq, key }
}
