/**
 * Owns the cutting of a stretch of events into frames of bearable size, and their text: made once,
 * when first asked for, and shared by every connection that can take the whole batch.
 */
import type { EventId } from '../../protocol/ids.js'
import { encode } from '../../protocol/wire/codec.js'
import type { LoggedEvent, Stretch } from '../log/log.js'

export interface Batch extends Stretch {
  readonly last: EventId
  /** A whole WebSocket message. */
  readonly text: string
}

export interface BatchLimits {
  readonly frameEvents: number
  readonly frameChars: number
}

export function* batchesOf(stretch: Stretch, limits: BatchLimits): Generator<Batch> {
  const { channel, epoch, events } = stretch
  let { after } = stretch
  for (let from = 0; from < events.length; ) {
    const to = cutAt(events, from, limits)
    const batch = batchOf({ channel, epoch, after, events: events.slice(from, to) })
    yield batch
    after = batch.last
    from = to
  }
}

/** At least one event, however long. */
function cutAt(events: readonly LoggedEvent[], from: number, limits: BatchLimits): number {
  let chars = 0
  for (let at = from; at < events.length; at++) {
    chars += events[at]?.[1].length ?? 0
    if (at > from && (at - from >= limits.frameEvents || chars > limits.frameChars)) return at
  }
  return events.length
}

function batchOf(stretch: Stretch): Batch {
  let text: string | undefined
  return {
    ...stretch,
    last: stretch.events.at(-1)?.[0] ?? stretch.after,
    get text() {
      const { channel, epoch, after, events } = stretch
      text ??= encode([
        ['events', { channel, epoch, after, events: events as [EventId, string][] }],
      ])
      return text
    },
  }
}
