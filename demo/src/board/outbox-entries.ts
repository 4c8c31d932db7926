/**
 * Owns the reading of the line's outbox as commands of one board. An entry carries its payload as
 * JSON text, which is why a page that opens without a network can show what is queued.
 */
import type { OutboxEntry } from 'partyline'
import { type Command, channelOf, readCommand } from '../../shared/commands.js'
import type { Queued } from './waiting.js'

export function commandOf(entry: Pick<OutboxEntry, 'type' | 'payload'>): Command | undefined {
  try {
    const reading = readCommand(entry.type, JSON.parse(entry.payload ?? 'null'))
    return reading.ok ? reading.command : undefined
  } catch {
    return undefined
  }
}

/** What still waits to take effect on this board, in order. */
export function queuedFor(board: string, entries: readonly OutboxEntry[]): readonly Queued[] {
  const lane = channelOf(board)
  return entries.flatMap((entry) =>
    entry.lane === lane && entry.state !== 'failed' ? read(entry) : [],
  )
}

/** An entry that has not changed is the same object, and is read once. */
const readings = new WeakMap<OutboxEntry, readonly Queued[]>()

function read(entry: OutboxEntry): readonly Queued[] {
  const known = readings.get(entry)
  if (known) return known
  const { key, createdAt } = entry
  const command = commandOf(entry)
  const reading = command ? [{ key, command, createdAt }] : []
  readings.set(entry, reading)
  return reading
}

export const failedIn = (entries: readonly OutboxEntry[]): readonly OutboxEntry[] =>
  entries.filter((entry) => entry.state === 'failed')
