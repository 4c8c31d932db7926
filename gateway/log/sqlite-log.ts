/**
 * Owns the embedded log: one SQLite file in this process, or memory, behind the `Log` port. It puts
 * together channels, operations and group commit; it knows no sockets and no frames.
 *
 * WAL with `synchronous=FULL`: what is acknowledged survives kill -9 and a power loss (P3, P6). The
 * file is locked for this process, because two gateways on one file would not hear each other.
 *
 * A file put back from a copy keeps its epoch: a reader who is ahead of it is told `gap`, but not one
 * who comes only after the channel has grown past where that reader was.
 */
import type { Epoch, EventId } from '../../protocol/ids.js'
import { createGroupCommit } from './group-commit.js'
import type { Answer, Effect, Log, Stretch } from './log.js'
import { realLogEnvironment, type SqliteLogEnvironment } from './real-log-environment.js'
import { createSqliteChannels } from './sqlite-channels.js'
import { createSqliteOperations } from './sqlite-operations.js'
import { type Database, openDatabase } from './sqlite-runtime.js'
import { prepareSchema } from './sqlite-schema.js'

export interface SqliteLogOptions {
  /** A file's path, or `:memory:`. */
  readonly file: string
  /** The events that a channel keeps. Default: 10,000. */
  readonly retain?: number | undefined
  /** How long the key of a settled operation is remembered at least. Default: 7 days. */
  readonly keysMs?: number | undefined
  /** How long an unused lane is remembered, with its last answers. Default: 90 days. */
  readonly lanesMs?: number | undefined
  /** The environment; undefined = the real one. */
  readonly environment?: SqliteLogEnvironment | undefined
}

const DAY = 86_400_000
/** Old keys are looked for once in so many commits. */
const PRUNE_EVERY = 50_000

export async function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { file, retain = 10_000, keysMs = 7 * DAY, lanesMs = 90 * DAY } = options
  for (const [name, value] of Object.entries({ retain, keysMs, lanesMs })) {
    if (!(Number.isSafeInteger(value) && value > 0))
      throw new TypeError(`${name}: a positive integer, not ${value}`)
  }
  const { now, turn, newEpoch } = options.environment ?? realLogEnvironment
  const db = await openDatabase(file)
  const epoch = prepare(db, file, newEpoch) as Epoch

  const channels = createSqliteChannels(db, epoch, retain)
  const operations = createSqliteOperations({ db, now, keysMs, lanesMs })
  const listeners = new Map<string, Set<(stretch: Stretch) => void>>()
  let settled = 0
  let isClosed = false

  const group = createGroupCommit({
    db,
    turn,
    beforeCommit: () => channels.save(),
    afterCommit: () => channels.takeAppended().forEach(announce),
    afterRollback() {
      channels.reset()
      operations.reset()
    },
  })
  operations.prune()

  function announce(stretch: Stretch): void {
    for (const listener of [...(listeners.get(stretch.channel) ?? [])]) listener(stretch)
  }

  /** As a promise, so that an error is a rejection wherever it happens. */
  const attempt = async <Value>(act: () => Value | Promise<Value>): Promise<Value> => {
    if (isClosed) throw new Error('The log is closed.')
    return act()
  }

  function apply({ publish, answer }: Effect): Answer {
    let last: EventId | undefined
    for (const { channel, payload } of publish) last = channels.append(channel, payload)
    if (answer !== 'last-id') return answer
    return last === undefined ? { ok: true } : { ok: true, result: JSON.stringify({ id: last }) }
  }

  return {
    keysMs,
    commit: (author, effect) =>
      attempt(() =>
        group.submit(() => {
          const known = operations.find(author)
          if (known?.state === 'duplicate') operations.adopt(author)
          if (known) return known
          const answer = apply(effect)
          operations.settle(author, answer)
          settled += 1
          if (settled % PRUNE_EVERY === 0) operations.prune()
          return { state: 'applied', answer } as const
        }),
      ),
    find: (author) => attempt(() => operations.find(author)),
    append: (channel, payload) =>
      attempt(() => group.submit(() => channels.append(channel, payload))),
    read: (...wanted) => attempt(() => channels.read(...wanted)),
    tail: (...wanted) => attempt(() => channels.tail(...wanted)),
    position: (channel) => attempt(() => channels.position(channel)),
    trim: (channel, keep) => attempt(() => group.submit(() => channels.trim(channel, keep))),
    lanes: (client, lanes) => attempt(() => operations.lanes(client, lanes)),
    forget: (client, lane, laneEpoch, seq) =>
      attempt(() => group.submit(() => operations.forget(client, lane, laneEpoch, seq))),
    follow: (channel, listener) =>
      attempt(() => {
        const heard = (stretch: Stretch) => listener(stretch)
        const set = listeners.get(channel) ?? new Set()
        listeners.set(channel, set.add(heard))
        return () => {
          set.delete(heard)
          if (!set.size && listeners.get(channel) === set) listeners.delete(channel)
        }
      }),
    async close() {
      if (isClosed) return
      group.flush()
      isClosed = true
      letGo(db)
    },
  }
}

/**
 * Closing alone may not free the file: a connection whose statements are not collected yet lingers
 * with its lock (`@photostructure/sqlite` 1.2), and even as a mere reader of the WAL it keeps others
 * out. So leave both modes first; the next opening enters them again.
 */
function letGo(db: Database): void {
  try {
    db.exec('PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE')
    db.exec('SELECT count(*) FROM sqlite_schema')
  } finally {
    db.close()
  }
}

function prepare(db: Database, file: string, newEpoch: () => string): string {
  try {
    // Without a wait: the holder of a log keeps it as long as it lives.
    db.exec('PRAGMA busy_timeout = 0')
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    // After a first look at the WAL: a lock taken before it could not be let go of again.
    db.exec('SELECT count(*) FROM sqlite_schema; PRAGMA locking_mode = EXCLUSIVE')
    return prepareSchema(db, newEpoch)
  } catch (cause) {
    db.close()
    if (!/locked|busy/i.test(String(cause))) throw cause
    throw new Error(`Another process has the log ${file} open.`, { cause })
  }
}
