/**
 * Owns the way of cursors to the disk (P7), and of the kept events that end there, in one transaction:
 * the newest of each channel, coalesced, so that a burst is not a write an event; and the credit that
 * is given back only when they are there, because credit follows the disk and not the parser.
 */
import type { Cursor } from '../../protocol/ids.js'
import type { Clock } from '../clock.js'
import type { Change } from '../storage/store.js'
import type { Histories } from './histories.js'

export interface CursorKeeper {
  seen(channel: string, cursor: Cursor): void
  /** The histories have something to write, and no cursor has moved. */
  changed(): void
  /** So many events occupy our memory no more. */
  freed(events: number): void
  /** A new connection begins with a credit of its own. */
  restart(): void
  /** The server has welcomed us: from now on it hears of credit. */
  resume(): void
  close(): void
}

export interface CursorKeeperOptions {
  readonly clock: Clock
  /** The credit of a connection. */
  readonly window: number
  readonly histories: Pick<Histories, 'changes' | 'refused'>
  write(changes: readonly Change[]): Promise<void>
  /** Whether a grant reaches the server. */
  isOnline(): boolean
  grant(events: number): void
}

const PAUSE_MS = 100

export function createCursorKeeper(options: CursorKeeperOptions): CursorKeeper {
  const { histories } = options
  const cursors = new Map<string, Cursor>()
  /** What the disk refused: it goes along with what comes next. */
  let missed = new Map<string, Cursor>()
  let isChanged = false
  let owed = 0
  let connection = 0
  let isWriting = false
  let stopTimer: (() => void) | null = null

  function due(): void {
    if (isWriting) return
    if (owed >= options.window / 2) void flush()
    else stopTimer ??= options.clock.after(PAUSE_MS, flush)
  }

  async function flush(): Promise<void> {
    stopTimer?.()
    stopTimer = null
    const moved = new Map([...missed, ...cursors])
    const changes = [
      ...histories.changes(),
      ...[...moved].map(([channel, cursor]): Change => ({ type: 'put-cursor', channel, cursor })),
    ]
    cursors.clear()
    missed.clear()
    isChanged = false
    const grant = { events: owed, connection }
    isWriting = true
    // A disk that refuses has been reported where it broke; the events must flow on.
    if (changes.length) {
      await options.write(changes).catch(() => {
        // Whatever is written next has to agree with itself, events with their cursor.
        missed = moved
        histories.refused()
      })
    }
    isWriting = false
    // Between hello and welcome nobody would hear it, and the hello has not promised it.
    const isHeard = grant.connection === connection && options.isOnline()
    if (isHeard && grant.events) {
      owed -= grant.events
      options.grant(grant.events)
    }
    if (cursors.size || isChanged || (owed && isHeard)) due()
  }

  return {
    seen(channel, cursor) {
      cursors.set(channel, cursor)
      due()
    },
    changed() {
      isChanged = true
      due()
    },
    freed(events) {
      owed += events
      due()
    },
    restart() {
      connection += 1
      owed = 0
    },
    resume() {
      if (owed) due()
    },
    close() {
      stopTimer?.()
    },
  }
}
