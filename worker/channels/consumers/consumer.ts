/**
 * Owns one consumer of this origin (P8): the tabs that offer to handle its events, the piece that is in
 * hand, and its reading of the channel while somebody offers. What it decides is in turn.ts; here it is
 * carried out, with one timer.
 *
 * The end of a piece is written before the next one is handed out: so a worker that is killed repeats
 * the piece in hand and no other. So is its beginning before the first piece: a worker that is killed
 * would begin it anew, behind what came meanwhile. A disk that refuses holds up nobody.
 */
import type { ErrorInfo } from '../../../protocol/errors.js'
import type { Cursor, EventId } from '../../../protocol/ids.js'
import type { Consumption, News } from '../../../protocol/port.js'
import type { Clock, Random } from '../../clock.js'
import type { Change, ConsumerPosition } from '../../storage/store.js'
import { gapNews } from '../channel-news.js'
import { createIntake, type Denial, type Intake, type IntakeOptions } from './intake.js'
import type { ParkedEvents } from './parked.js'
import {
  type Effect,
  type Fact,
  type Hand,
  isLastTry,
  type Piece,
  step,
  type Taker,
  type Turn,
} from './turn.js'

/** A tab, as consumers see it. */
export interface Candidate {
  readonly isVisible: boolean
  /** `taken` is called when the tab has begun with it, and never if it goes before. */
  push(news: News, taken?: () => void): void
}

export interface Offer {
  /** An attempt of this tab has settled; with an error, it has failed. */
  handled(attempt: number, event: EventId, error?: ErrorInfo): void
  /** `died`: whatever it was handling may be what killed it. */
  end(how: 'left' | 'died'): void
}

export interface Consumer {
  readonly position: ConsumerPosition | undefined
  offer(consumption: Consumption, tab: Candidate): Offer
  /** Hands that parked event out before the next ones; false: there is no tab to do it. */
  retry(key: string): boolean
  close(): void
}

export interface ConsumerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly channels: IntakeOptions['channels']
  readonly channel: string
  readonly name: string
  /** Undefined: it begins with what comes. */
  readonly cursor: Cursor | undefined
  readonly parked: ParkedEvents
  write(changes: readonly Change[]): Promise<void>
}

interface Seat extends Taker {
  readonly tab: Candidate
  isLate: boolean
  push(news: News, taken?: () => void): void
}

export function createConsumer(options: ConsumerOptions): Consumer {
  const { clock, random, channels, channel, name, parked } = options
  const seats = new Set<Seat>()
  /** Parked events that somebody wants tried again, by key. */
  const retries = new Set<string>()
  let { cursor } = options
  /** It is written down where it began. */
  let hasBegun = cursor !== undefined
  let turn: Turn<Seat> = { state: 'idle' }
  let intake: Intake | undefined
  let denial: Denial | undefined
  let stopTimer = (): void => {}
  let isClosed = false

  function tell(fact: Fact<Seat>): void {
    if (isClosed) return
    const next = step(turn, fact, { now: clock.now(), roll: random(), tabs: [...seats] })
    turn = next.turn
    stopTimer()
    if ('until' in turn) {
      stopTimer = clock.after(turn.until - clock.now(), () => tell({ type: 'time-passed' }))
    }
    for (const effect of next.effects) run(effect)
    if (turn.state === 'idle') proceed()
  }

  function run(effect: Effect<Seat>): void {
    switch (effect.type) {
      case 'hand-out':
        return handOut(effect.tab, effect.hand)
      case 'pass-over':
        effect.tab.isLate = true
        return
      case 'write-end':
        void options
          .write(endOf(effect.hand, effect.error))
          // Where it broke it has been reported; the events must flow on.
          .catch(() => {})
          .then(() => tell({ type: 'written' }))
    }
  }

  function handOut(seat: Seat, hand: Hand<Seat>): void {
    seat.push(newsOf(seat, hand), () => {
      if (!seats.has(seat)) return
      const wasLate = seat.isLate
      seat.isLate = false
      tell({ type: 'taken', hand })
      if (wasLate) tell({ type: 'tab-came' })
    })
  }

  function newsOf({ consumption: { id } }: Seat, hand: Hand): News {
    const { piece, attempt } = hand
    const { cursor: at } = piece
    if (piece.kind === 'gap') return gapNews(channel, [id], piece.reason, at)
    const { payload } = piece
    const offeredAt = clock.wall()
    const isLast = isLastTry(hand) && ({ isLast: true } as const)
    return { kind: 'consume', consumption: id, cursor: at, payload, attempt, ...isLast, offeredAt }
  }

  const positionChange = (at: Cursor): Change => {
    return { type: 'put-consumer', consumer: { channel, name, cursor: at } }
  }

  /** What the disk has to do when a piece is over. */
  function endOf({ piece, failures }: Hand, error: ErrorInfo | undefined): readonly Change[] {
    if (piece.kind === 'parked') {
      const one = parked.get(piece.key)
      // Somebody has discarded it meanwhile.
      if (!one) return []
      if (!error) return parked.delete(piece.key)
      return parked.put({ ...one, error, attempts: one.attempts + failures, at: clock.wall() })
    }
    cursor = piece.cursor
    const moved = positionChange(cursor)
    if (!error || piece.kind === 'gap') return [moved]
    const { payload } = piece
    const at = clock.wall()
    return [...parked.put({ channel, name, cursor, payload, error, attempts: failures, at }), moved]
  }

  const inHand = (): Piece | undefined =>
    'hand' in turn && turn.state !== 'ending' ? turn.hand.piece : undefined

  function proceed(): void {
    const piece = nextRetry() ?? (hasBegun ? intake?.next() : undefined)
    if (piece) tell({ type: 'piece-came', piece })
  }

  function nextRetry(): Piece | undefined {
    for (const key of retries) {
      retries.delete(key)
      const one = parked.get(key)
      if (one) return { kind: 'parked', key, cursor: one.cursor, payload: one.payload }
    }
    return undefined
  }

  /** Behind what is in hand, if that is the channel's: it is not read a second time. */
  function begin(): Intake {
    const piece = inHand()
    const after = piece && piece.kind !== 'parked' ? piece.cursor : cursor
    return createIntake({
      channels,
      channel,
      from: after ? { after } : 'now',
      onMore() {
        if (turn.state === 'idle') proceed()
      },
      onPosition(first) {
        if (cursor) return
        cursor = first
        const begun = (): void => {
          hasBegun = true
          if (turn.state === 'idle') proceed()
        }
        options.write([positionChange(first)]).then(begun, begun)
      },
      onDenied(news) {
        denial = news
        for (const seat of seats) deny(seat, news)
      },
    })
  }

  function deny({ consumption, push }: Seat, news: Denial): void {
    push({ ...news, subscriptions: [consumption.id] })
  }

  function leave(seat: Seat, how: 'left' | 'died'): void {
    if (!seats.has(seat)) return
    // A tab dies in all its seats at once: none of them is handed what may have killed it.
    const gone = how === 'died' ? [...seats].filter(({ tab }) => tab === seat.tab) : [seat]
    for (const one of gone) seats.delete(one)
    for (const tab of gone) tell({ type: 'tab-gone', tab, how })
    if (seats.size) return
    intake?.close()
    intake = undefined
  }

  return {
    get position() {
      return cursor && { channel, name, cursor }
    },

    offer(consumption, tab) {
      const seat: Seat = {
        consumption,
        tab,
        isLate: false,
        get isVisible() {
          return tab.isVisible
        },
        push: (news, taken) => tab.push(news, taken),
      }
      seats.add(seat)
      if (denial && intake?.isDenied) deny(seat, denial)
      intake ??= begin()
      tell({ type: 'tab-came' })
      return {
        handled(attempt, event, error) {
          // A tab that has left may still be at work: what it was given is somebody else's by now.
          if (seats.has(seat)) tell({ type: 'handled', tab: seat, attempt, event, error })
        },
        end: (how) => leave(seat, how),
      }
    },

    retry(key) {
      if (!seats.size) return false
      const piece = inHand()
      if (piece?.kind !== 'parked' || piece.key !== key) retries.add(key)
      if (turn.state === 'idle') proceed()
      return true
    },

    close() {
      isClosed = true
      stopTimer()
      intake?.close()
      intake = undefined
    },
  }
}
