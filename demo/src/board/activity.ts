/**
 * Owns what happened last on a board, newest first. The line keeps it on disk, so it is there at once,
 * before the server has said anything, and goes on behind it without a hole (P7).
 */
import type { Channel } from 'partyline'
import type { BoardEvent } from '../../shared/events.js'
import { createCell } from '../cell.js'

export interface Activity {
  readonly value: readonly BoardEvent[]
  subscribe(run: (events: readonly BoardEvent[]) => void): () => void
  close(): void
}

export const ACTIVITY_MAX = 30

export function createActivity(channel: Pick<Channel<BoardEvent>, 'subscribe'>): Activity {
  const cell = createCell<readonly BoardEvent[]>([])
  const subscription = channel.subscribe(
    (event) => cell.set([event, ...cell.value].slice(0, ACTIVITY_MAX)),
    // What is missing is older than what comes: the list has nothing below it then.
    { history: ACTIVITY_MAX, onGap: () => cell.set([]) },
  )
  return {
    get value() {
      return cell.value
    },
    subscribe: cell.subscribe,
    close: () => subscription.stop(),
  }
}
