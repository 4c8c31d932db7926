/**
 * Owns the words for a command, for the outbox list, toasts and announcements.
 */
import { type Board, COLUMN_NAMES } from '../../shared/board.js'
import type { Command } from '../../shared/commands.js'

export function describeCommand(command: Command, cards: Board['cards']): string {
  const { payload } = command
  const title = `“${cards[payload.card]?.title ?? 'a card that is gone'}”`
  switch (command.type) {
    case 'card.add':
      return `Add “${command.payload.title}” to ${COLUMN_NAMES[command.payload.column]}`
    case 'card.move':
      return `Move ${title} to ${COLUMN_NAMES[command.payload.column]}`
    case 'card.edit':
      return `Edit ${command.payload.title ? `“${command.payload.title}”` : title}`
    case 'card.remove':
      return `Remove ${title}`
  }
}
