/**
 * Owns what a board is: columns, cards, and how one is read in order. Data and questions about it;
 * how it changes is in fold.ts.
 */
export const COLUMNS = ['todo', 'doing', 'done'] as const
export type ColumnId = (typeof COLUMNS)[number]

export const COLUMN_NAMES: Readonly<Record<ColumnId, string>> = {
  todo: 'To do',
  doing: 'Doing',
  done: 'Done',
}

/** How many cards a column takes. The server judges by it; the page only shows it. */
export const COLUMN_LIMITS: Readonly<Partial<Record<ColumnId, number>>> = { doing: 4 }

export const COLOURS = ['plain', 'rose', 'amber', 'moss', 'sky', 'plum'] as const
export type Colour = (typeof COLOURS)[number]

export interface Card {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly colour: Colour
  /** A person's name; empty: nobody. */
  readonly assignee: string
  readonly column: ColumnId
  readonly rank: string
  /** Who changed it last, and when by the server's clock. */
  readonly by: string
  readonly at: number
}

export interface Board {
  readonly cards: Readonly<Record<string, Card>>
  /**
   * The keys of the last operations that are part of this state, oldest first. A page that still has
   * one of them in its outbox knows by this that it need not be shown as waiting.
   */
  readonly settled: readonly string[]
}

export const EMPTY_BOARD: Board = { cards: {}, settled: [] }

/** The cards of a column from top to bottom. */
export function cardsIn(board: Board, column: ColumnId): readonly Card[] {
  return Object.values(board.cards)
    .filter((card) => card.column === column)
    .sort((a, b) => compare(a.rank, b.rank) || compare(a.id, b.id))
}

/** Everybody whose name stands on the board, in alphabetical order. */
export function peopleOn(board: Board): readonly string[] {
  const names = new Set<string>()
  for (const card of Object.values(board.cards)) {
    names.add(card.by)
    if (card.assignee) names.add(card.assignee)
  }
  return [...names].sort((a, b) => a.localeCompare(b))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
