/**
 * Owns the confirmed board: painted from the cache, brought up to date by the line, fetched whole
 * only when the line says that events are missing (P6).
 *
 * State and cursor change together and are cached together. A snapshot replaces the subscription,
 * so that no event is folded twice, however far the snapshot is ahead of the gap.
 */
import type { Channel, Cursor } from 'partyline'
import { type Board, EMPTY_BOARD } from '../../shared/board.js'
import type { BoardEvent } from '../../shared/events.js'
import { fold } from '../../shared/fold.js'
import type { Snapshot } from '../../shared/snapshot.js'
import { createCell } from '../cell.js'
import type { Clock } from '../clock.js'
import type { BoardCache } from './board-cache.js'

export interface BoardFeed {
  readonly value: FeedState
  subscribe(run: (state: FeedState) => void): () => void
  /** The network may be back: do not wait for the next attempt. */
  hurry(): void
  /** The page may be about to go: write the cache now. */
  save(): void
  close(): void
}

export interface FeedState {
  readonly board: Board
  /** False until either the cache or the server has told what the board is. */
  readonly isKnown: boolean
}

export interface BoardFeedOptions {
  readonly channel: Pick<Channel<BoardEvent>, 'subscribe'>
  readonly cache: BoardCache
  readonly fetchSnapshot: (signal: AbortSignal) => Promise<Snapshot<Cursor>>
  readonly clock: Clock
}

const CACHE_EVERY_MS = 500
const RETRY_MS = [1000, 2000, 4000, 8000] as const
/** A subscription that has lived this long counts as sound, and the next gap is fetched at once. */
const SOUND_MS = 10_000

export function createBoardFeed({
  channel,
  cache,
  fetchSnapshot,
  clock,
}: BoardFeedOptions): BoardFeed {
  const cell = createCell<FeedState>({ board: EMPTY_BOARD, isKnown: false })
  let at: Cursor | undefined
  let subscription: { stop(): void } | undefined
  let subscribedAt = 0
  let attempt = 0
  let fetching: AbortController | undefined
  let undoRetry: (() => void) | undefined
  let undoCache: (() => void) | undefined

  const remember = (): void => {
    undoCache?.()
    undoCache = undefined
    if (at) cache.write({ state: cell.value.board, at })
  }

  const adopt = (snapshot: Snapshot<Cursor>): void => {
    at = snapshot.at
    cell.set({ board: snapshot.state, isKnown: true })
    subscribedAt = clock.now()
    subscription = channel.subscribe(
      (event, { cursor }) => {
        at = cursor
        cell.set({ board: fold(cell.value.board, event), isKnown: true })
        undoCache ??= clock.after(CACHE_EVERY_MS, remember)
      },
      { from: { after: snapshot.at }, onGap: resync },
    )
  }

  const load = async (): Promise<void> => {
    undoRetry = undefined
    const mine = new AbortController()
    fetching = mine
    try {
      const snapshot = await fetchSnapshot(mine.signal)
      if (fetching !== mine) return
      fetching = undefined
      adopt(snapshot)
      remember()
    } catch {
      if (fetching !== mine) return
      fetching = undefined
      retryLater()
    }
  }

  const retryLater = (): void => {
    const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0
    attempt += 1
    undoRetry = clock.after(wait, () => void load())
  }

  const resync = (): void => {
    subscription?.stop()
    subscription = undefined
    if (clock.now() - subscribedAt > SOUND_MS) attempt = 0
    // A second gap right behind the first: an old snapshot came out of a cache. Not too fast.
    if (attempt > 0) retryLater()
    else {
      attempt = 1
      void load()
    }
  }

  const cached = cache.read()
  if (cached) adopt(cached)
  else void load()

  return {
    get value() {
      return cell.value
    },
    subscribe: cell.subscribe,
    hurry() {
      if (!undoRetry) return
      undoRetry()
      void load()
    },
    save() {
      if (undoCache) remember()
    },
    close() {
      subscription?.stop()
      subscription = undefined
      fetching?.abort()
      fetching = undefined
      undoRetry?.()
      undoRetry = undefined
      if (undoCache) remember()
    },
  }
}
