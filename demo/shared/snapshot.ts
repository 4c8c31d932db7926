/**
 * Owns what `GET /api/board/<id>` answers: the whole board and the position in its channel that the
 * state stands for, so that a page can subscribe from exactly there (P6).
 */
import type { Board } from './board.js'

export interface Snapshot<Cursor> {
  readonly state: Board
  readonly at: Cursor
}

export const snapshotPath = (board: string): string => `/api/board/${encodeURIComponent(board)}`
