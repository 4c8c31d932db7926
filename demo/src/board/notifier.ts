/**
 * Owns what somebody is told of: a card that another person has given to them. Ten tabs have the board
 * open, and one of them tells it, once (P8). What was given while nobody was here is told at the next
 * visit; what could not be told lies in the details.
 */
import type { Channel } from 'partyline'
import type { Board } from '../../shared/board.js'
import type { BoardEvent } from '../../shared/events.js'

export interface NotifierOptions {
  readonly channel: Pick<Channel<BoardEvent>, 'consume'>
  readonly me: string
  readonly cards: () => Board['cards']
  /** May throw: then it is tried again, a few times. */
  readonly tell: (text: string) => void
}

const ATTEMPTS_MAX = 3

export function createNotifier({ channel, me, cards, tell }: NotifierOptions): { close(): void } {
  const consumption = channel.consume(
    'notifier',
    (event) => {
      const text = noticeOf(event, me, cards())
      if (text !== undefined) tell(text)
    },
    // Too much has happened since for the history to have it all: what is on the board is there to be seen.
    { maxAttempts: ATTEMPTS_MAX, onGap: () => {} },
  )
  return { close: () => consumption.stop() }
}

/** Undefined: it concerns somebody else, or it was their own doing. */
export function noticeOf(
  { type, by, payload }: BoardEvent,
  me: string,
  cards: Board['cards'],
): string | undefined {
  if (by === me || (type !== 'card.added' && type !== 'card.edited')) return undefined
  if (payload.assignee !== me) return undefined
  return `${by} gave you “${payload.title ?? cards[payload.card]?.title ?? 'a card'}”.`
}
