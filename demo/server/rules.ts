/**
 * Owns what the server agrees to. The page foresees every command as if it were granted; here is
 * where it may turn out otherwise. Pure.
 *
 * A refusal is terminal: it is kept with the operation, and a repeat gets the same answer (P5).
 */
import { type Board, COLUMN_LIMITS, COLUMN_NAMES, type ColumnId, cardsIn } from '../shared/board.js'
import type { Command } from '../shared/commands.js'

export type Judgement =
  | { readonly verdict: 'granted' }
  /** Already so: nothing to tell anybody. */
  | { readonly verdict: 'done' }
  | { readonly verdict: 'refused'; readonly code: string; readonly why: string }

const CARDS_MAX = 500

const GRANTED: Judgement = { verdict: 'granted' }
const DONE: Judgement = { verdict: 'done' }
const GONE: Judgement = {
  verdict: 'refused',
  code: 'card-gone',
  why: 'Somebody has removed that card.',
}

export function judge(board: Board, { type, payload }: Command): Judgement {
  const card = board.cards[payload.card]
  switch (type) {
    case 'card.add':
      if (card) return DONE
      if (Object.keys(board.cards).length >= CARDS_MAX) {
        return { verdict: 'refused', code: 'board-full', why: `A board takes ${CARDS_MAX} cards.` }
      }
      return roomIn(board, payload.column)
    case 'card.move':
      if (!card) return GONE
      return card.column === payload.column ? GRANTED : roomIn(board, payload.column)
    case 'card.edit':
      return card ? GRANTED : GONE
    case 'card.remove':
      return card ? GRANTED : DONE
  }
}

function roomIn(board: Board, column: ColumnId): Judgement {
  const limit = COLUMN_LIMITS[column]
  if (limit === undefined || cardsIn(board, column).length < limit) return GRANTED
  return {
    verdict: 'refused',
    code: 'column-full',
    why: `${COLUMN_NAMES[column]} takes ${limit} cards. Finish one first.`,
  }
}
