/**
 * Owns where a card goes when it is moved by one step or dropped at an index, as a column and rank.
 * Pure; the same for keyboard, menu and pointer.
 */
import { type Card, COLUMNS, type ColumnId } from '../../shared/board.js'
import { rankBetween } from '../../shared/rank.js'
import type { BoardView } from './project.js'

export interface Place {
  readonly column: ColumnId
  readonly rank: string
}

export type Direction = 'up' | 'down' | 'left' | 'right'

/** The place at `index` among the other cards of the column. Undefined: it is there already. */
export function placeAt(
  view: BoardView,
  card: string | undefined,
  column: ColumnId,
  index: number,
  roll: number,
): Place | undefined {
  const all = view.columns[column]
  if (card !== undefined && all.findIndex(({ id }) => id === card) === index) return undefined
  const others = all.filter(({ id }) => id !== card)
  const low = others[index - 1]?.rank
  return { column, rank: rankBetween(low, nextRank(others, index, low), roll) }
}

/** One step with the keyboard. Undefined: there is no further step. */
export function placeBeside(
  view: BoardView,
  card: Card,
  direction: Direction,
  roll: number,
): Place | undefined {
  const index = view.columns[card.column].findIndex(({ id }) => id === card.id)
  if (direction === 'up' || direction === 'down') {
    const target = index + (direction === 'down' ? 1 : -1)
    if (target < 0 || target >= view.columns[card.column].length) return undefined
    return placeAt(view, card.id, card.column, target, roll)
  }
  const column = COLUMNS[COLUMNS.indexOf(card.column) + (direction === 'right' ? 1 : -1)]
  if (column === undefined) return undefined
  return placeAt(view, card.id, column, Math.min(index, view.columns[column].length), roll)
}

/** The first rank above `low`: where two cards share a rank, there is no place between them. */
const nextRank = (
  others: readonly Card[],
  index: number,
  low: string | undefined,
): string | undefined =>
  others.slice(index).find(({ rank }) => low === undefined || rank > low)?.rank
