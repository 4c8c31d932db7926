/**
 * Owns the channels of a line with everything around them in the test's hand: tabs that read when told
 * to, a disk, and a server whose answers and events are said one by one.
 */
import type { Cursor } from '../protocol/ids.js'
import { type From, type News, SEPARATOR } from '../protocol/port.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import type { UpFrame } from '../protocol/wire/frames-up.js'
import { createChannels } from '../worker/channels/channels.js'
import type { Outlet, Subscriber } from '../worker/channels/subscriber.js'
import type { Change } from '../worker/storage/store.js'
import { createVirtualClock } from './virtual-clock.js'

export const at = (id: string, epoch = 'e1') => ({ epoch, id }) as Cursor
export const NEWS = 'news'

export function createChannelsWorld({
  cursors = new Map<string, Cursor>(),
  hasPages = false as boolean | (() => boolean),
} = {}) {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const disk = new Map(cursors)
  const violations: string[] = []
  let isOnline = true
  const channels = createChannels({
    clock,
    cursors,
    async write(changes: readonly Change[]) {
      for (const change of changes) {
        if (change.type === 'put-cursor') disk.set(change.channel, change.cursor)
      }
    },
    isOnline: () => isOnline,
    hasPages: () => (typeof hasPages === 'function' ? hasPages() : hasPages),
    transmit: (frames) => {
      if (isOnline) sent.push(...frames)
    },
    onViolation: (why) => violations.push(why),
  })

  /** A tab that confirms when told to, and keeps a list of what it was told. */
  function openTab() {
    const told: News[] = []
    const marked = new Set<Subscriber>()
    const receipts: (() => void)[] = []
    const outlet: Outlet = {
      push(news, taken) {
        told.push(news)
        if (taken) receipts.push(taken)
      },
      mark: (subscriber) => marked.add(subscriber),
    }
    let nextId = 1
    return {
      told,
      subscribe: (from: From = 'now', channel = NEWS) =>
        channels.subscribe({ id: nextId++, channel, from }, outlet),
      /** Takes and confirms everything there is for it. */
      read() {
        for (let more = true; more; ) {
          more = receipts.length > 0
          for (const confirm of receipts.splice(0)) confirm()
          for (const subscriber of [...marked]) {
            if (subscriber.place === null || subscriber.channel.sendBack([subscriber])) {
              marked.delete(subscriber)
              continue
            }
            const batch = subscriber.channel.cut(subscriber.place, [subscriber.id])
            if (batch.to === subscriber.place) {
              marked.delete(subscriber)
              continue
            }
            subscriber.place = batch.to
            subscriber.from = { after: batch.cursor }
            told.push(batch.news)
            subscriber.channel.confirmed(batch)
            more = true
          }
        }
      },
      ids: () => told.flatMap((news) => (news.kind === 'events' ? news.ids : [])),
      payloads: () =>
        told.flatMap((news) => (news.kind === 'events' ? news.payloads.split(SEPARATOR) : [])),
      gaps: () => told.flatMap((news) => (news.kind === 'gap' ? [news.reason] : [])),
    }
  }

  return {
    clock,
    channels,
    sent,
    disk,
    violations,
    openTab,
    framesOf: (type: string) => sent.filter((frame) => frame[0] === type).map((frame) => frame[1]),
    ok: (id: string, channel = NEWS) => channels.answered({ channel, state: 'ok', ...at(id) }),
    /** Events of dense numbers, first to last. */
    events(first: number, last: number, channel = NEWS) {
      const events = Array.from({ length: last - first + 1 }, (_, i) => [
        String(first + i),
        `"${first + i}"`,
      ])
      channels.received({
        channel,
        epoch: 'e1',
        after: String(first - 1),
        events,
      } as DownBody<'events'>)
    },
    setOnline(value: boolean) {
      isOnline = value
      if (!value) channels.lost()
    },
  }
}

/** Ids of dense numbers, first to last. */
export const numbers = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i))
