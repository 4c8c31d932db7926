/**
 * Owns how events change a board. One pure function, the same on the server, in every tab and in
 * the prediction of what waits, so that all of them arrive at the same board.
 *
 * Total: an event that does not fit (an edit of a removed card) changes no card and is not an error.
 */
import type { Board, Card } from './board.js'
import type { BoardEvent } from './events.js'

/** How many keys a board remembers; more than any page sends between two answers. */
export const SETTLED_MAX = 256

export function fold(board: Board, event: BoardEvent): Board {
  return {
    cards: foldCards(board.cards, event),
    settled: [...board.settled, event.key].slice(-SETTLED_MAX),
  }
}

/** The cards alone: what a prediction needs. The same reference when nothing changes. */
export function foldCards(cards: Board['cards'], event: BoardEvent): Board['cards'] {
  const card = cards[event.payload.card]
  const { by, at } = event
  switch (event.type) {
    case 'card.added': {
      if (card) return cards
      const { card: id, ...rest } = event.payload
      return put(cards, { id, ...rest, by, at })
    }
    case 'card.moved': {
      if (!card) return cards
      const { column, rank } = event.payload
      return put(cards, { ...card, column, rank, by, at })
    }
    case 'card.edited': {
      if (!card) return cards
      const { title, note, colour, assignee } = event.payload
      return put(cards, {
        ...card,
        title: title ?? card.title,
        note: note ?? card.note,
        colour: colour ?? card.colour,
        assignee: assignee ?? card.assignee,
        by,
        at,
      })
    }
    case 'card.removed': {
      if (!card) return cards
      const { [card.id]: _, ...rest } = cards
      return rest
    }
    default:
      // A newer server may say what this page does not know yet.
      return cards
  }
}

const put = (cards: Board['cards'], card: Card): Board['cards'] => ({ ...cards, [card.id]: card })
