/**
 * Owns the optimistic view: the confirmed board with everything that waits folded over it, and which
 * cards owe their looks to something that waits. Pure; knows neither line nor page.
 */
import { type Board, type Card, COLUMNS, type ColumnId, cardsIn } from '../../shared/board.js'
import { happen } from '../../shared/events.js'
import { foldCards } from '../../shared/fold.js'
import type { Queued } from './waiting.js'

export interface BoardView {
  readonly columns: Readonly<Record<ColumnId, readonly Card[]>>
  readonly cards: Board['cards']
  /** The ids of cards that show something the server has not confirmed. */
  readonly waiting: ReadonlySet<string>
}

export function project(confirmed: Board, waiting: readonly Queued[], me: string): BoardView {
  let cards = confirmed.cards
  const touched = new Set<string>()
  const settled = new Set(confirmed.settled)
  for (const { key, command, createdAt } of waiting) {
    // Already part of the confirmed state: to fold it again would undo what came after it.
    if (settled.has(key)) continue
    const foreseen = foldCards(cards, happen(command, { key, by: me, at: createdAt }))
    if (foreseen !== cards) touched.add(command.payload.card)
    cards = foreseen
  }
  const board: Board = { cards, settled: confirmed.settled }
  const column = (id: ColumnId): readonly Card[] => cardsIn(board, id)
  return {
    cards,
    waiting: touched,
    columns: Object.fromEntries(COLUMNS.map((id) => [id, column(id)])) as Record<
      ColumnId,
      readonly Card[]
    >,
  }
}
