/**
 * Owns the words in which subscriptions are told events, where they stand, that they miss something,
 * and that the server does not let them in. No behaviour.
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import type { News } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { GapReason } from '../../protocol/wire/frames-down.js'

type Ids = readonly number[]
type About<Kind extends News['kind']> = Extract<News, { kind: Kind }>

export const positionNews = (
  subscriptions: Ids,
  cursor: Cursor,
  isFirst = false,
): About<'position'> => {
  return { kind: 'position', subscriptions, cursor, ...(isFirst && { isFirst }) }
}

export const eventsNews = (
  channel: string,
  subscriptions: Ids,
  epoch: Cursor['epoch'],
  ids: readonly EventId[],
  payloads: string,
): About<'events'> => {
  return { kind: 'events', subscriptions, channel, epoch, ids, payloads }
}

/** From the disk, not from the server. */
export const keptNews = (...told: Parameters<typeof eventsNews>): About<'events'> => {
  return { ...eventsNews(...told), isKept: true }
}

export const gapNews = (
  channel: string,
  subscriptions: Ids,
  reason: GapReason,
  cursor: Cursor,
): About<'gap'> => {
  return { kind: 'gap', subscriptions, channel, reason, cursor }
}

export function deniedNews(channel: string, subscriptions: Ids, why?: string): About<'denied'> {
  const error = brokerError('denied', { channel, ...(why !== undefined && { why }) })
  return { kind: 'denied', subscriptions, error }
}
