/**
 * Owns what the page shows of one board and the one way to change it: the confirmed state from the
 * feed, with the outbox of the line folded over it.
 *
 * A command is a durable send. It is on screen at once, and on disk before `stored` resolves (P2);
 * how it ended is told once, to the tab that sent it (P5).
 */
import type { Key, Line } from 'partyline'
import { type Command, channelOf } from '../../shared/commands.js'
import { createCell } from '../cell.js'
import type { Clock } from '../clock.js'
import type { BoardFeed } from './board-feed.js'
import { droppedIn, queuedFor } from './outbox-entries.js'
import { type BoardView, project } from './project.js'
import { type Fact, nextDeadline, step, type Waiting } from './waiting.js'

export interface BoardStore {
  readonly value: BoardPicture
  subscribe(run: (picture: BoardPicture) => void): () => void
  send(command: Command): void
  /** Takes an operation out of the outbox; what was sent already, the server may have been quicker. */
  discard(key: Key): void
  close(): void
}

export interface BoardPicture {
  readonly view: BoardView
  readonly isKnown: boolean
}

export interface BoardStoreOptions {
  readonly line: Pick<Line, 'send' | 'outbox'>
  readonly board: string
  readonly me: string
  readonly feed: BoardFeed
  readonly clock: Clock
  readonly onRefused: (command: Command, error: unknown) => void
  /** What was withdrawn here had taken effect before. */
  readonly onTooLate: (command: Command) => void
}

export function createBoardStore(options: BoardStoreOptions): BoardStore {
  const { line, board, me, feed, clock, onRefused, onTooLate } = options
  let waiting: readonly Waiting[] = []
  let undoDeadline: (() => void) | undefined
  const withdrawn = new Map<string, Command>()

  const picture = (): BoardPicture => ({
    view: project(feed.value.board, waiting, me),
    isKnown: feed.value.isKnown,
  })
  const cell = createCell(picture())

  // Events come in batches: whoever watches is told once a batch, whoever asks is told the latest.
  let isStale = false
  const refresh = (): void => {
    if (!isStale) return
    isStale = false
    cell.set(picture())
  }
  const change = (): void => {
    if (!isStale) queueMicrotask(refresh)
    isStale = true
  }

  const take = (fact: Fact): void => {
    const next = step(waiting, { ...fact, now: clock.now() })
    if (next === waiting) return
    waiting = next
    undoDeadline?.()
    const deadline = nextDeadline(waiting)
    undoDeadline =
      deadline === undefined
        ? undefined
        : clock.after(Math.max(0, deadline - clock.now()), () => take({ kind: 'time-passed' }))
    change()
  }

  const undoOutbox = line.outbox.subscribe((entries) =>
    take({
      kind: 'outbox-changed',
      queued: queuedFor(board, entries),
      dropped: droppedIn(entries),
    }),
  )
  const undoFeed = feed.subscribe((state) => {
    take({ kind: 'settled', keys: state.board.settled })
    for (const [key, command] of withdrawn) {
      if (state.board.settled.includes(key) && withdrawn.delete(key)) onTooLate(command)
    }
    change()
  })

  return {
    get value() {
      refresh()
      return cell.value
    },
    subscribe: cell.subscribe,
    send(command) {
      const delivery = line.send(command.type, command.payload, { lane: channelOf(board) })
      const { key } = delivery
      take({ kind: 'sent', queued: { key, command, createdAt: clock.now() } })
      delivery.stored.then(
        () => take({ kind: 'handed-over', key, isTaken: true }),
        (error: unknown) => take({ kind: 'handed-over', key, isTaken: isInMemory(error) }),
      )
      delivery.done.catch((error: unknown) => onRefused(command, error))
    },
    discard(key) {
      const command = waiting.find((one) => one.key === key)?.command
      if (command) withdrawn.set(key, command)
      take({ kind: 'withdrawn', key })
      void line.outbox.discard(key)
    },
    close() {
      undoOutbox()
      undoFeed()
      undoDeadline?.()
    },
  }
}

const IN_MEMORY: readonly string[] = ['no-storage', 'quota']

/** Without a disk an operation is not stored, and is sent all the same. */
const isInMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && IN_MEMORY.includes(String(error.code))
