/**
 * Owns the channels of the SQLite log: dense ids from 1, the floor under which events are gone, and
 * what has been appended in the running transaction. Knows no operations and no listeners.
 *
 * Heads live in memory while a channel is in use; a rollback forgets them all, and the file says
 * again what is true.
 */
import type { Cursor, Epoch, EventId } from '../../protocol/ids.js'
import type { LoggedEvent, Page, Position, Stretch } from './log.js'
import type { Database } from './sqlite-runtime.js'
import { assertStorable } from './text.js'

export interface SqliteChannels {
  append(channel: string, payload: string): EventId
  read(channel: string, from: Position, limit: number, chars?: number): Page
  tail(channel: string, limit: number, chars?: number): Stretch
  position(channel: string): Cursor
  trim(channel: string, keep: number): void
  /** Writes the moved heads; inside the transaction. */
  save(): void
  /** What the last transaction appended, a stretch for each channel; empties the list. */
  takeAppended(): readonly Stretch[]
  reset(): void
}

interface Row {
  readonly number: number
  readonly name: string
  head: number
  floor: number
}

interface Growth {
  readonly row: Row
  readonly after: number
  readonly events: LoggedEvent[]
}

const CACHED = 10_000
/** Deleting one event for each appended one is slow; the floor is exact, the broom comes later. */
const SWEEP_AT = 256

/** How many characters there are is looked at after so many events. */
const HANDFUL = 32

interface Measure {
  readonly limit: number
  readonly chars: number
}

/** Ids are dense: how many there are already says where the next handful begins (P14). */
function upTo(
  { limit, chars }: Measure,
  select: (have: number, wanted: number) => unknown[],
): LoggedEvent[] {
  const events: LoggedEvent[] = []
  for (let read = 0; events.length < limit && read < chars; ) {
    const wanted = Math.min(HANDFUL, limit - events.length)
    const found = select(events.length, wanted) as { id: number; payload: string }[]
    for (const { id, payload } of found) {
      events.push([idOf(id), payload])
      read += payload.length
    }
    if (found.length < wanted) break
  }
  return events
}

const idOf = (number: number): EventId => String(number) as EventId

export function createSqliteChannels(db: Database, epoch: Epoch, retain: number): SqliteChannels {
  const select = db.prepare('SELECT number, name, head, floor FROM channels WHERE name = ?')
  const insert = db.prepare(
    'INSERT INTO channels (name, head, floor) VALUES (?, 0, 0) RETURNING number',
  )
  const update = db.prepare('UPDATE channels SET head = ?, floor = ? WHERE number = ?')
  const insertEvent = db.prepare('INSERT INTO events (channel, id, payload) VALUES (?, ?, ?)')
  const selectEvents = db.prepare(
    'SELECT id, payload FROM events WHERE channel = ? AND id > ? ORDER BY id LIMIT ?',
  )
  const selectNewest = db.prepare(
    'SELECT id, payload FROM events WHERE channel = ? AND id > ? AND id <= ? ORDER BY id DESC LIMIT ?',
  )
  const deleteEvents = db.prepare('DELETE FROM events WHERE channel = ? AND id <= ?')

  const rows = new Map<string, Row>()
  let grown = new Map<Row, Growth>()

  function find(name: string): Row | undefined {
    const known = rows.get(name)
    if (known) return known
    assertStorable('a channel', name)
    const row = select.get(name) as Row | undefined
    if (row) rows.set(name, { ...row })
    return rows.get(name)
  }

  function make(name: string): Row {
    const { number } = insert.get(name) as { number: number }
    const row = { number, name, head: 0, floor: 0 }
    rows.set(name, row)
    return row
  }

  const floorOf = (row: Row): number => Math.max(row.floor, row.head - retain)

  function eventsAfter(row: Row, after: number, measure: Measure): LoggedEvent[] {
    return upTo(measure, (have, wanted) => selectEvents.all(row.number, after + have, wanted))
  }

  function newest(row: Row, after: number, chars: number): LoggedEvent[] {
    const before = (have: number, wanted: number): unknown[] =>
      selectNewest.all(row.number, after, row.head - have, wanted)
    return upTo({ limit: row.head - after, chars }, before).reverse()
  }

  function sweep(row: Row, floor: number): void {
    deleteEvents.run(row.number, floor)
    row.floor = floor
  }

  return {
    append(channel, payload) {
      assertStorable('a payload', payload)
      const row = find(channel) ?? make(channel)
      const growth = grown.get(row) ?? { row, after: row.head, events: [] }
      grown.set(row, growth)
      row.head += 1
      insertEvent.run(row.number, row.head, payload)
      growth.events.push([idOf(row.head), payload])
      return idOf(row.head)
    },
    read(channel, from, limit, chars = Infinity) {
      const row = find(channel)
      const head = row?.head ?? 0
      const gap = (reason: 'trimmed' | 'epoch' | 'ahead'): Page => ({
        state: 'gap',
        reason,
        head: { epoch, id: idOf(head) },
      })
      // The empty id is any server's word for "before the first event".
      const after = from.id === '' ? 0 : /^\d{1,15}$/.test(from.id) ? Number(from.id) : undefined
      if (after === undefined || (from.epoch !== undefined && from.epoch !== epoch)) {
        return gap('epoch')
      }
      if (after > head) return gap('ahead')
      if (row && after < floorOf(row)) return gap('trimmed')
      const events = row && after < head ? eventsAfter(row, after, { limit, chars }) : []
      return { state: 'events', channel, epoch, after: idOf(after), events }
    },
    tail(channel, limit, chars = Infinity) {
      const row = find(channel)
      if (!row) return { channel, epoch, after: idOf(0), events: [] }
      const events = newest(row, Math.max(floorOf(row), row.head - limit), chars)
      return { channel, epoch, after: idOf(row.head - events.length), events }
    },
    position: (channel) => ({ epoch, id: idOf(find(channel)?.head ?? 0) }),
    trim(channel, keep) {
      const row = find(channel)
      if (!row) return
      const floor = Math.max(floorOf(row), row.head - keep)
      sweep(row, floor)
      update.run(row.head, row.floor, row.number)
    },
    save() {
      for (const { row } of grown.values()) {
        const floor = floorOf(row)
        if (floor - row.floor >= Math.min(SWEEP_AT, retain)) sweep(row, floor)
        update.run(row.head, row.floor, row.number)
      }
    },
    takeAppended() {
      const stretches = [...grown.values()].map(({ row, after, events }) => ({
        channel: row.name,
        epoch,
        after: idOf(after),
        events,
      }))
      grown = new Map()
      if (rows.size > CACHED) rows.clear()
      return stretches
    },
    reset() {
      rows.clear()
      grown = new Map()
    },
  }
}
