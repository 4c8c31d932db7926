/**
 * Owns what the SQLite log remembers of operations: a watermark a lane and an answer a key. It
 * decides whether an operation is new (P3) and the lane's next (P4); it never appends an event.
 *
 * A lane is kept for `lanesMs` after its last operation, and with it the answers that may still be
 * waited for: a laptop that was shut in the middle of "saving…" learns next month how it ended (F31).
 * All other keys are kept for `keysMs`, so that a client which lost its numbers and counts anew is
 * still recognised (F32). Rejected: every answer as long as its lane, which grows with all that a
 * client ever did; none longer than `keysMs`, which makes "unknown" of what could be known.
 */
import { type Answer, type Author, LANE_ANSWERS, type Settlement, type Watermark } from './log.js'
import type { Database } from './sqlite-runtime.js'
import { assertStorable } from './text.js'

export interface SqliteOperations {
  /** Undefined: new and next. Everything else needs no effect. */
  find(author: Author): Settlement | undefined
  /** Remembers the answer and moves the watermark. */
  settle(author: Author, answer: Answer): void
  /** The same operation came under a new number: settles that too. */
  adopt(author: Author): void
  lanes(client: string, names: readonly string[]): readonly Watermark[]
  forget(client: string, lane: string, epoch: number, seq: number): void
  /** Drops what is older than its keep. */
  prune(): void
  reset(): void
}

export interface SqliteOperationsOptions {
  readonly db: Database
  readonly now: () => number
  readonly keysMs: number
  readonly lanesMs: number
}

interface LaneRow {
  readonly number: number
  epoch: number
  seq: number
}

interface OperationRow {
  readonly key: string
  readonly lane: number
  readonly epoch: number
  readonly seq: number
  readonly applied: number
  readonly answer: string | null
}

const CACHED = 20_000

export function createSqliteOperations(options: SqliteOperationsOptions): SqliteOperations {
  const { db, now, keysMs, lanesMs } = options
  const selectLane = db.prepare(
    'SELECT number, epoch, seq FROM lanes WHERE client = ? AND name = ?',
  )
  const insertLane = db.prepare(
    'INSERT INTO lanes (client, name, epoch, seq, at) VALUES (?, ?, ?, ?, ?)',
  )
  const updateLane = db.prepare('UPDATE lanes SET epoch = ?, seq = ?, at = ? WHERE number = ?')
  const byKey = db.prepare(
    'SELECT key, lane, epoch, seq, applied, answer FROM operations WHERE client = ? AND key = ?',
  )
  const byNumber = db.prepare('SELECT key FROM operations WHERE lane = ? AND epoch = ? AND seq = ?')
  const upsert = db.prepare('INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const forgetAnswers = db.prepare(
    'UPDATE operations SET answer = NULL WHERE lane = ? AND epoch = ? AND seq < ? AND applied = 1 AND answer IS NOT NULL',
  )
  const renumber = db.prepare(
    'UPDATE operations SET lane = ?, epoch = ?, seq = ?, at = ? WHERE client = ? AND key = ?',
  )
  // An answer that is NULL was declared settled.
  const pruneOperations = db.prepare(
    `DELETE FROM operations WHERE at < ? AND (answer IS NULL OR NOT EXISTS (
       SELECT 1 FROM lanes WHERE lanes.number = operations.lane AND lanes.at >= ?
         AND lanes.epoch = operations.epoch AND operations.seq > lanes.seq - ${LANE_ANSWERS}))`,
  )
  // Not while a key names it: a lane made later may get its number.
  const pruneLanes = db.prepare(
    `DELETE FROM lanes WHERE at < ? AND NOT EXISTS (
       SELECT 1 FROM operations WHERE operations.lane = lanes.number)`,
  )

  const cache = new Map<string, LaneRow>()

  function laneOf(client: string, name: string): LaneRow | undefined {
    const slot = JSON.stringify([client, name])
    const known = cache.get(slot)
    if (known) return known
    const row = selectLane.get(client, name) as LaneRow | undefined
    if (!row) return undefined
    if (cache.size >= CACHED) cache.clear()
    const lane = { ...row }
    cache.set(slot, lane)
    return lane
  }

  function moveTo(author: Author): LaneRow {
    const { client, lane: name, epoch, seq } = author
    const lane = laneOf(client, name)
    if (!lane) {
      insertLane.run(client, name, epoch, seq, now())
      return laneOf(client, name) as LaneRow
    }
    lane.epoch = epoch
    lane.seq = seq
    updateLane.run(epoch, seq, now(), lane.number)
    return lane
  }

  /** The numbering alone, whatever the key says. */
  function judge(author: Author): {
    expected: number
    verdict: 'next' | 'past' | 'future' | 'stale'
  } {
    const lane = laneOf(author.client, author.lane)
    const isSameCount = lane?.epoch === author.epoch
    if (lane && author.epoch < lane.epoch) return { expected: lane.seq + 1, verdict: 'stale' }
    // A client that has settled more than this log knows is right: the log was restored (F32).
    const expected = isSameCount ? Math.max(lane.seq + 1, author.lowest) : author.lowest
    if (author.seq === expected) return { expected, verdict: 'next' }
    return { expected, verdict: author.seq < expected ? 'past' : 'future' }
  }

  /** Whose number it is, as far as that is remembered. */
  function holderOf(lane: LaneRow | undefined, epoch: number, seq: number): string | undefined {
    const row = lane && (byNumber.get(lane.number, epoch, seq) as { key: string } | undefined)
    return row?.key
  }

  function find(author: Author): Settlement | undefined {
    const { client, lane: name, epoch, seq, key } = author
    assertStorable('an operation', client, name, key)
    const { expected, verdict } = judge(author)
    const row = byKey.get(client, key) as OperationRow | undefined
    const lane = laneOf(client, name)
    const isSameNumber = row && row.lane === lane?.number && row.epoch === epoch && row.seq === seq
    // A refusal binds its number only: to try the same thing again later is a user's right.
    if (row && (isSameNumber || row.applied)) {
      if (verdict === 'future') return { state: 'misnumbered', why: 'out-of-order', expected }
      return { state: 'duplicate', ...answerOf(row) }
    }
    if (verdict === 'next') {
      const { follows } = author
      const before = follows === undefined ? undefined : holderOf(lane, epoch, seq - 1)
      if (before === undefined || before === follows) return undefined
      return { state: 'misnumbered', why: 'out-of-order', expected: seq - 1 }
    }
    if (verdict === 'future') return { state: 'misnumbered', why: 'out-of-order', expected }
    if (verdict === 'stale') return { state: 'misnumbered', why: 'stale-epoch', expected }
    if (holderOf(lane, epoch, seq) === undefined) return { state: 'forgotten' }
    return { state: 'misnumbered', why: 'number-reused', expected }
  }

  return {
    find,
    settle(author, answer) {
      const lane = moveTo(author)
      const { client, key, epoch, seq } = author
      const applied = answer.ok ? 1 : 0
      upsert.run(client, key, lane.number, epoch, seq, now(), applied, JSON.stringify(answer))
    },
    adopt(author) {
      if (judge(author).verdict !== 'next') return
      const lane = moveTo(author)
      const { client, key, epoch, seq } = author
      // The number has its holder from now on, and its answer is waited for there.
      renumber.run(lane.number, epoch, seq, now(), client, key)
    },
    lanes: (client, names) =>
      names.flatMap((name) => {
        const lane = laneOf(client, name)
        return lane ? [{ lane: name, epoch: lane.epoch, seq: lane.seq }] : []
      }),
    forget(client, name, epoch, seq) {
      const lane = laneOf(client, name)
      if (lane) forgetAnswers.run(lane.number, epoch, seq)
    },
    prune() {
      const lanesSince = now() - lanesMs
      pruneOperations.run(now() - keysMs, lanesSince)
      pruneLanes.run(lanesSince)
      cache.clear()
    },
    reset: () => cache.clear(),
  }
}

const answerOf = (row: OperationRow): { answer?: Answer } =>
  row.answer === null ? {} : { answer: JSON.parse(row.answer) as Answer }
