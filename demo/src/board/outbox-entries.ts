/**
 * Owns the reading of the line's outbox as commands of one board. An entry carries its payload as
 * JSON text, which is why a page that opens without a network can show what is queued.
 */
import type { OutboxEntry } from 'partyline'
import { RING } from '../../shared/bell.js'
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

export const isRing = (entry: Pick<OutboxEntry, 'type'>): boolean => entry.type === RING

/**
 * What still waits to take effect on this board, in order. What was withdrawn is not among it: should
 * the server have been quicker, its event says so.
 */
export function queuedFor(board: string, entries: readonly OutboxEntry[]): readonly Queued[] {
  const lane = channelOf(board)
  return entries.flatMap((entry) => (entry.lane === lane && isWaiting(entry) ? read(entry) : []))
}

const isWaiting = ({ state }: OutboxEntry): boolean => state === 'queued' || state === 'sent'

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

/** The keys of what the board no longer shows: it failed, or somebody has withdrawn it. */
export const droppedIn = (entries: readonly OutboxEntry[]): readonly string[] =>
  entries.filter((entry) => !isWaiting(entry)).map(({ key }) => key)

export const failedIn = (entries: readonly OutboxEntry[]): readonly OutboxEntry[] =>
  entries.filter((entry) => entry.state === 'failed')
