/**
 * Owns the line on which a channel's events have their places: its histories one behind the other, with
 * an empty place between two, so that nobody comes from one into the next without having missed
 * something. Pure.
 *
 * A place is the number of events, and of such ends, that lie behind it.
 */
import { BEGINNING, type History, idIn, type LogEntry } from './story.js'

export interface Timeline {
  /** The place behind the last event. */
  readonly head: number
  /** The places before the first event of each history. */
  readonly beginnings: readonly number[]
  /** The place behind the event; undefined: there never was one. */
  placeOf(id: string): number | undefined
  /** The event before this place. */
  entryAt(place: number): LogEntry | undefined
  /** Which history the place is in. */
  historyAt(place: number): number
}

export function createTimeline(histories: readonly History[]): Timeline {
  const places = new Map<string, number>()
  const entries = new Map<number, LogEntry>()
  const beginnings: number[] = []
  let head = -1
  for (const history of histories) {
    head += 1
    beginnings.push(head)
    places.set(idIn(history.epoch, BEGINNING), head)
    for (const entry of history.entries) {
      head += 1
      places.set(entry.id, head)
      entries.set(head, entry)
    }
  }
  return {
    head: Math.max(head, 0),
    beginnings,
    placeOf: (id) => places.get(id),
    entryAt: (place) => entries.get(place),
    historyAt: (place) => beginnings.findLastIndex((beginning) => beginning <= place),
  }
}
