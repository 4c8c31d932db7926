/**
 * Owns the words for what has happened, without the name of whoever did it. A card is called what it was
 * called then, where the event says so.
 */
import { type Board, COLUMN_NAMES } from '../../shared/board.js'
import type { BoardEvent } from '../../shared/events.js'

export function describeEvent(event: BoardEvent, cards: Board['cards']): string {
  const title = `“${cards[event.payload.card]?.title ?? 'a card that is gone'}”`
  switch (event.type) {
    case 'card.added':
      return `added “${event.payload.title}” to ${COLUMN_NAMES[event.payload.column]}`
    case 'card.moved':
      return `moved ${title} to ${COLUMN_NAMES[event.payload.column]}`
    case 'card.edited':
      return `edited ${event.payload.title === undefined ? title : `“${event.payload.title}”`}`
    case 'card.removed':
      return 'removed a card'
    default:
      // A newer server may say what this page does not know yet.
      return 'did something new'
  }
}
