/**
 * Owns the copy of a board that paints the page before the network has answered: the state together
 * with the position it stands for, always written as one (P6). One entry a user and board (P13).
 *
 * Several tabs write the same entry. That is harmless: each pair is true, and an older one only
 * means that the line replays a few events more.
 */

import type { Cursor } from 'partyline'
import type { Board } from '../../shared/board.js'
import type { Snapshot } from '../../shared/snapshot.js'
import type { Shelf } from '../users.js'

export interface BoardCache {
  read(): Snapshot<Cursor> | undefined
  write(snapshot: Snapshot<Cursor>): void
}

/** Counts changes of the shape below; another shape is as good as none. */
const FORMAT = 1

const prefixOf = (user: string): string =>
  `party-board:cache:${JSON.stringify([user]).slice(0, -1)},`

/** Somebody has signed out: nothing that was shown to them stays here (P13). */
export function forgetBoards(
  shelf: Pick<Storage, 'key' | 'length' | 'removeItem'>,
  user: string,
): void {
  const keys = Array.from({ length: shelf.length }, (_, at) => shelf.key(at) ?? '')
  for (const key of keys) if (key.startsWith(prefixOf(user))) shelf.removeItem(key)
}

export function createBoardCache(shelf: Shelf, user: string, board: string): BoardCache {
  const key = `${prefixOf(user)}${JSON.stringify(board)}]`
  return {
    read() {
      try {
        const kept: unknown = JSON.parse(shelf.getItem(key) ?? 'null')
        return isKept(kept) ? { state: kept.state, at: kept.at } : undefined
      } catch {
        return undefined
      }
    },
    write({ state, at }) {
      try {
        shelf.setItem(key, JSON.stringify({ format: FORMAT, state, at }))
      } catch {
        // Full. The cache is a comfort; the next visit fetches.
        shelf.removeItem(key)
      }
    },
  }
}

interface Kept {
  readonly format: typeof FORMAT
  readonly state: Board
  readonly at: Cursor
}

const isKept = (kept: unknown): kept is Kept =>
  typeof kept === 'object' && kept !== null && 'format' in kept && kept.format === FORMAT
