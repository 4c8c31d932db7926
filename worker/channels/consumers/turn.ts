/**
 * Owns the decision who handles what is in a consumer's hand, and what becomes of it (P8): which tab,
 * which attempt, until when, again or not. Pure: a state, a fact, and the next state with what to do.
 *
 * There is one piece in hand at a time, so order needs no further care. An attempt is named by its tab
 * and its number; a word about any other attempt changes nothing. It does not know how pieces come,
 * nor how a tab is told.
 */
import type { ErrorInfo } from '../../../protocol/errors.js'
import type { Cursor, EventId } from '../../../protocol/ids.js'
import { type Consumption, OFFER_MS, type ParkedEvent } from '../../../protocol/port.js'
import { brokerError } from '../../../protocol/sentences.js'
import type { GapReason } from '../../../protocol/wire/frames-down.js'

/** What a consumer has to deal with, in order. */
export type Piece =
  | { readonly kind: 'event'; readonly cursor: Cursor; readonly payload: string }
  /** Somebody wants it tried once more. */
  | ({ readonly kind: 'parked' } & Pick<ParkedEvent, 'key' | 'cursor' | 'payload'>)
  /** Events are missing: a tab has to know. */
  | { readonly kind: 'gap'; readonly cursor: Cursor; readonly reason: GapReason }

/** A tab that offers to handle, as the decision sees it. */
export interface Taker {
  readonly consumption: Consumption
  readonly isVisible: boolean
  /** It has not taken an offer in time, nor since: it is frozen, or as good as. */
  readonly isLate: boolean
}

export interface Hand<Tab extends Taker = Taker> {
  readonly piece: Piece
  /** How often it was handed out. */
  readonly attempt: number
  /** How often it failed. */
  readonly failures: number
  /** How often a tab took it so late that it may have begun or let it be. */
  readonly doubts: number
  /** Who got it last. */
  readonly tab?: Tab
}

export type Turn<Tab extends Taker = Taker> =
  | { readonly state: 'idle' }
  /** For a tab that can take it. */
  | { readonly state: 'waiting'; readonly hand: Hand<Tab> }
  | { readonly state: 'offered' | 'begun'; readonly hand: Hand<Tab>; readonly until: number }
  /** The only tab has taken it late: if it has handled it all the same, it says so now. */
  | { readonly state: 'doubted'; readonly hand: Hand<Tab>; readonly until: number }
  /** It failed, and is tried again. */
  | { readonly state: 'resting'; readonly hand: Hand<Tab>; readonly until: number }
  /** Its end is being written; until then nothing else is handed out. */
  | { readonly state: 'ending'; readonly hand: Hand<Tab> }

export type Fact<Tab extends Taker = Taker> =
  | { readonly type: 'piece-came'; readonly piece: Piece }
  /** There is a tab that was not there, or was late. */
  | { readonly type: 'tab-came' }
  | { readonly type: 'tab-gone'; readonly tab: Tab; readonly how: 'left' | 'died' }
  /** The tab has begun, or has let it be because it was late. `hand`: as it was handed out. */
  | { readonly type: 'taken'; readonly hand: Hand<Tab> }
  | {
      readonly type: 'handled'
      readonly tab: Tab
      readonly attempt: number
      readonly event: EventId
      readonly error?: ErrorInfo | undefined
    }
  | { readonly type: 'time-passed' }
  | { readonly type: 'written' }

export type Effect<Tab extends Taker = Taker> =
  | { readonly type: 'hand-out'; readonly tab: Tab; readonly hand: Hand<Tab> }
  /** Until it takes what it was offered. */
  | { readonly type: 'pass-over'; readonly tab: Tab }
  /** With an error: it is parked. */
  | { readonly type: 'write-end'; readonly hand: Hand<Tab>; readonly error?: ErrorInfo }

export interface Step<Tab extends Taker = Taker> {
  readonly turn: Turn<Tab>
  readonly effects: readonly Effect<Tab>[]
}

/** What a fact finds. */
export interface Scene<Tab extends Taker = Taker> {
  readonly now: number
  readonly roll: number
  /** Who offers to handle, in the order of offering. */
  readonly tabs: readonly Tab[]
}

/** Beyond what a page has been granted, for what is on its way. */
export const SLACK_MS = 1_000
/** What a tab posted in the turn in which it took a late offer is here by then. */
const DOUBT_MS = 250
/** Beyond it a tab that is always late counts as one that fails: or else it would go on for ever. */
const DOUBTS_MAX = 3
const BACKOFF_MS = 1_000
const BACKOFF_CAP_MS = 30_000

export function step<Tab extends Taker>(
  turn: Turn<Tab>,
  fact: Fact<Tab>,
  scene: Scene<Tab>,
): Step<Tab> {
  const same = { turn, effects: [] }
  const { now } = scene
  if (turn.state === 'idle') {
    if (fact.type !== 'piece-came') return same
    return handOut({ piece: fact.piece, attempt: 0, failures: 0, doubts: 0 }, scene)
  }
  const { hand } = turn
  switch (fact.type) {
    case 'piece-came':
      return same
    case 'tab-came':
      return turn.state === 'waiting' ? handOut(hand, scene) : same
    case 'tab-gone':
      if (fact.tab !== hand.tab) return same
      // It may be the event that killed it, also one that it has hung with for long.
      if (fact.how === 'died' && (isUnderWay(turn) || turn.state === 'waiting')) {
        return failed(hand, DEATH, scene, 'at-once')
      }
      return isUnderWay(turn) ? handOut(hand, scene) : same
    case 'taken':
      return taken(turn, fact.hand, now) ?? same
    case 'handled':
      if (turn.state === 'ending' || fact.event !== hand.piece.cursor.id) return same
      if (fact.tab !== hand.tab || fact.attempt !== hand.attempt) return same
      // Also later than it should have been, as long as nobody else has got it.
      if (!fact.error) return end(hand)
      return turn.state === 'resting' ? same : failed(hand, fact.error, scene)
    case 'time-passed':
      if (!('until' in turn) || now < turn.until) return same
      if (turn.state === 'offered') return passOver(hand, scene)
      if (turn.state === 'begun' || (turn.state === 'doubted' && isHopelesslyLate(hand))) {
        return failed(hand, timedOut(hand), scene)
      }
      return handOut(hand, scene)
    case 'written':
      return turn.state === 'ending' ? { turn: { state: 'idle' }, effects: [] } : same
  }
}

const DEATH = brokerError('outcome-unknown', { why: 'the tab that handled it died' })

const timeoutOf = ({ tab }: Hand): number => tab?.consumption.timeout ?? 0

const timedOut = (hand: Hand): ErrorInfo => brokerError('timeout', { ms: timeoutOf(hand) })

const isHopelesslyLate = ({ doubts }: Hand): boolean => doubts > DOUBTS_MAX

const isUnderWay = ({ state }: Turn): boolean =>
  state === 'offered' || state === 'begun' || state === 'doubted'

function taken<Tab extends Taker>(
  turn: Exclude<Turn<Tab>, { state: 'idle' }>,
  given: Hand<Tab>,
  now: number,
): Step<Tab> | undefined {
  const { state, hand } = turn
  // A handler that was done at once has said so before.
  if (given.piece !== hand.piece || state === 'ending') return undefined
  const doubted = { ...hand, doubts: hand.doubts + 1 }
  if (given.attempt !== hand.attempt) return { turn: { ...turn, hand: doubted }, effects: [] }
  if (state !== 'offered' && state !== 'waiting') return undefined
  if (hand.piece.kind === 'gap') return end(hand)
  const next =
    state === 'offered'
      ? ({ state: 'begun', hand, until: now + timeoutOf(hand) + SLACK_MS } as const)
      : ({ state: 'doubted', hand: doubted, until: now + DOUBT_MS } as const)
  return { turn: next, effects: [] }
}

/** A visible tab, or else any, and of those who has offered first. */
function choose<Tab extends Taker>(tabs: readonly Tab[]): Tab | undefined {
  const able = tabs.filter(({ isLate }) => !isLate)
  return able.find(({ isVisible }) => isVisible) ?? able[0]
}

function handOut<Tab extends Taker>(last: Hand<Tab>, { now, tabs }: Scene<Tab>): Step<Tab> {
  const tab = choose(tabs)
  if (!tab) return { turn: { state: 'waiting', hand: last }, effects: [] }
  const hand = { ...last, tab, attempt: last.attempt + 1 }
  return {
    turn: { state: 'offered', hand, until: now + OFFER_MS + SLACK_MS },
    effects: [{ type: 'hand-out', tab, hand }],
  }
}

function passOver<Tab extends Taker>(hand: Hand<Tab>, scene: Scene<Tab>): Step<Tab> {
  const { tab } = hand
  if (!tab || isHopelesslyLate(hand)) return failed(hand, timedOut(hand), scene)
  const next = handOut(hand, { ...scene, tabs: scene.tabs.filter((one) => one !== tab) })
  return { ...next, effects: [{ type: 'pass-over', tab }, ...next.effects] }
}

function end<Tab extends Taker>(hand: Hand<Tab>, error?: ErrorInfo): Step<Tab> {
  return {
    turn: { state: 'ending', hand },
    effects: [{ type: 'write-end', hand, ...(error && { error }) }],
  }
}

function failed<Tab extends Taker>(
  last: Hand<Tab>,
  error: ErrorInfo,
  scene: Scene<Tab>,
  when: 'at-once' | 'later' = 'later',
): Step<Tab> {
  const { piece } = last
  // Being told of a gap does not fail; who died of something else has not told anybody.
  if (piece.kind === 'gap') return handOut(last, scene)
  const hand = { ...last, failures: last.failures + 1 }
  if (isLastTry(last) || isHopeless(error)) return end(hand, error)
  if (when === 'at-once') return handOut(hand, scene)
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_MS * 2 ** (hand.failures - 1))
  const until = scene.now + (ceiling * (1 + scene.roll)) / 2
  return { turn: { state: 'resting', hand, until }, effects: [] }
}

/** Who asked for one more attempt, of what is parked, is waiting to see what comes of it. */
export const isLastTry = ({ piece, failures, tab }: Hand): boolean =>
  piece.kind === 'parked' || failures + 1 >= (tab?.consumption.maxAttempts ?? 1)

/** The event itself is wrong: it will be as wrong the next time. */
const isHopeless = ({ code }: ErrorInfo): boolean => code === 'bad-event' || code === 'invalid'
