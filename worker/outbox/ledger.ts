/**
 * Owns what the tabs are told of the outbox (P5): which entries changed since they were last told.
 * An operation that came and went in between is never mentioned.
 */
import type { Key } from '../../protocol/ids.js'
import type { News, OutboxEntry } from '../../protocol/port.js'
import { wasGiven } from './lanes.js'
import type { StoredOperation } from './operation.js'

type OutboxNews = Extract<News, { kind: 'outbox' }>

export interface Ledger {
  changed(key: Key): void
  /** What changed since the last call, or undefined. */
  take(): OutboxNews | undefined
  whole(): OutboxNews
}

export function createLedger(
  find: (key: Key) => StoredOperation | undefined,
  keys: () => readonly Key[],
  onChange: () => void,
): Ledger {
  const dirty = new Set<Key>()
  const told = new Set<Key>()

  return {
    changed(key) {
      dirty.add(key)
      onChange()
    },
    take() {
      const put: OutboxEntry[] = []
      const removed: Key[] = []
      for (const key of dirty) {
        const operation = find(key)
        if (operation) {
          put.push(toEntry(operation))
          told.add(key)
        } else if (told.delete(key)) removed.push(key)
      }
      dirty.clear()
      return put.length + removed.length
        ? { kind: 'outbox', whole: false, put, removed }
        : undefined
    },
    whole() {
      const put = keys().flatMap((key) => {
        const operation = find(key)
        if (!operation) return []
        told.add(key)
        return [toEntry(operation)]
      })
      return { kind: 'outbox', whole: true, put, removed: [] }
    },
  }
}

export function toEntry(operation: StoredOperation): OutboxEntry {
  const { key, n, lane, type, channel, payload, priority, createdAt, life } = operation
  const { attempts = 0, failed, withdrawn } = operation
  return {
    key,
    n,
    lane,
    type,
    ...(channel !== undefined && { channel }),
    ...(payload !== undefined && { payload }),
    ...(priority !== undefined && { priority }),
    createdAt,
    ...(life && { expiresAt: life.at + life.left }),
    attempts,
    state: failed ? 'failed' : withdrawn ? 'withdrawn' : wasGiven(operation) ? 'sent' : 'queued',
    ...(failed && { outcome: failed.outcome, error: failed.error }),
  }
}
