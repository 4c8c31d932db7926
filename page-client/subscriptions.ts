/**
 * Owns this tab's subscriptions: who is called with what, and where each stands (P6). A handler that
 * throws, stops itself or subscribes anew touches nobody else (F40).
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cursor, EventId } from '../protocol/ids.js'
import type { News, Subscription as Wanted } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { EventHandler, SubscribeOptions, Subscription } from './api.js'
import { guarded } from './guarded.js'
import { openAll } from './payload.js'

type Told = Extract<News, { subscriptions: readonly number[] }>

export interface Subscriptions {
  add(
    channel: string,
    handler: EventHandler<never>,
    options: SubscribeOptions,
  ): { wanted: Wanted; handle: Subscription }
  /** All of them, each from where it stands: for a broker that does not know us yet. */
  wanted(): readonly Wanted[]
  take(news: Told): void
  clear(): void
}

interface Entry {
  readonly channel: string
  readonly handler: EventHandler<never>
  readonly options: SubscribeOptions
  cursor: Cursor | undefined
}

export function createSubscriptions(
  onStop: (id: number) => void,
  onError: (error: ErrorInfo, cause?: unknown) => void,
): Subscriptions {
  const entries = new Map<number, Entry>()
  let nextId = 1

  function wantedOf(id: number, { channel, cursor, options: { from = 'now' } }: Entry): Wanted {
    if (cursor) return { id, channel, from: { after: cursor } }
    if (typeof from === 'string') return { id, channel, from }
    const { after } = from
    const position = typeof after === 'string' ? { id: after as EventId } : after
    return { id, channel, from: { after: position } }
  }

  function deliver(id: number, entry: Entry, news: Extract<News, { kind: 'events' }>): void {
    const { channel, epoch, ids } = news
    const opened = openAll(news.payloads, ids.length)
    for (const [index, eventId] of ids.entries()) {
      if (!entries.has(id)) return
      entry.cursor = { epoch, id: eventId }
      const event = opened[index]
      const problem = (cause: unknown): void =>
        onError(pageError('bad-event', { channel, id: eventId }), cause)
      if (!event || 'cause' in event) problem(event?.cause)
      else {
        guarded(() => {
          entry.handler(event.payload as never, {
            channel,
            id: eventId,
            cursor: { epoch, id: eventId },
          })
        }, problem)
      }
    }
  }

  return {
    add(channel, handler, options) {
      const id = nextId++
      const entry: Entry = { channel, handler, options, cursor: undefined }
      entries.set(id, entry)
      const stop = (): void => {
        if (entries.delete(id)) onStop(id)
      }
      const handle: Subscription = {
        channel,
        get cursor() {
          return entry.cursor
        },
        stop,
        [Symbol.dispose]: stop,
      }
      return { wanted: wantedOf(id, entry), handle }
    },
    wanted: () => [...entries].map(([id, entry]) => wantedOf(id, entry)),
    take(news) {
      for (const id of news.subscriptions) {
        const entry = entries.get(id)
        if (!entry) continue
        if (news.kind === 'events') deliver(id, entry, news)
        else if (news.kind === 'denied') onError(news.error)
        else {
          entry.cursor = news.cursor
          if (news.kind === 'gap') {
            const { channel, reason, cursor } = news
            guarded(
              () => entry.options.onGap?.({ channel, reason, cursor }),
              (cause) => onError(pageError('bad-event', { channel, id: cursor.id }), cause),
            )
          }
        }
      }
    },
    clear: () => entries.clear(),
  }
}
