/**
 * Owns where the focus goes from card to card. Pure: the board and the focused card in, the next
 * card out. Empty columns are stepped over.
 */
import { COLUMNS } from '../../shared/board.js'
import type { Direction } from '../board/placement.js'
import type { BoardView } from '../board/project.js'

export function nextFocus(
  view: BoardView,
  from: string | undefined,
  direction: Direction,
): string | undefined {
  const card = from === undefined ? undefined : view.cards[from]
  if (!card) return COLUMNS.flatMap((column) => view.columns[column])[0]?.id
  const column = view.columns[card.column]
  const index = column.findIndex(({ id }) => id === card.id)
  if (direction === 'up') return column[index - 1]?.id
  if (direction === 'down') return column[index + 1]?.id
  const start = COLUMNS.indexOf(card.column)
  const beside =
    direction === 'right' ? COLUMNS.slice(start + 1) : COLUMNS.slice(0, start).toReversed()
  const target = beside.map((id) => view.columns[id]).find((cards) => cards.length > 0)
  return target?.[Math.min(index, target.length - 1)]?.id
}

/** Who gets the focus when this card is removed: the next below, else above, else beside. */
export const heirOf = (view: BoardView, card: string): string | undefined =>
  nextFocus(view, card, 'down') ??
  nextFocus(view, card, 'up') ??
  nextFocus(view, card, 'left') ??
  nextFocus(view, card, 'right')
