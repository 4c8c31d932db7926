/**
 * Owns the channels of a line with everything around them in the test's hand: tabs that read when told
 * to, a disk, and a server whose answers and events are said one by one.
 */
import type { Cursor } from '../protocol/ids.js'
import { type From, type News, SEPARATOR, type Subscription } from '../protocol/port.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import type { UpFrame } from '../protocol/wire/frames-up.js'
import { createChannels } from '../worker/channels/channels.js'
import { serve } from '../worker/channels/serve.js'
import type { Outlet, Subscriber } from '../worker/channels/subscriber.js'
import type { Change, History } from '../worker/storage/store.js'
import { createVirtualClock } from './virtual-clock.js'

export const at = (id: string, epoch = 'e1') => ({ epoch, id }) as Cursor
export const NEWS = 'news'

export function createChannelsWorld({
  cursors = new Map<string, Cursor>(),
  histories = new Map<string, History>(),
  hasPages = false as boolean | (() => boolean),
  /** One transaction has been written. */
  onCommit = (): void => {},
} = {}) {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const disk = new Map(cursors)
  const records = new Map(histories)
  const violations: string[] = []
  let isOnline = true
  let isDiskBroken = false

  function apply(change: Change): void {
    if (change.type === 'put-cursor') disk.set(change.channel, change.cursor)
    if (change.type === 'delete-history') records.delete(change.channel)
    if (!('channel' in change)) return
    const { limit, events } = records.get(change.channel) ?? { limit: 0, events: [] }
    const keep = (history: History): unknown => records.set(change.channel, history)
    if (change.type === 'put-history') keep({ limit: change.limit, events })
    else if (change.type === 'delete-events') {
      keep({ limit, events: events.filter(({ n }) => n >= change.below) })
    } else if (change.type === 'put-events') {
      const byN = new Map([...events, ...change.events].map((event) => [event.n, event]))
      keep({ limit, events: [...byN.values()].sort((a, b) => a.n - b.n) })
    }
  }

  const channels = createChannels({
    clock,
    cursors,
    histories,
    async write(changes: readonly Change[]) {
      if (isDiskBroken) throw new Error('the disk is broken')
      for (const change of changes) apply(change)
      onCommit()
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
      subscribe: (
        from: From = 'now',
        channel = NEWS,
        more: Partial<Pick<Subscription, 'isUnheard' | 'history'>> = {},
      ) => channels.subscribe({ id: nextId++, channel, from, ...more }, outlet),
      /** Takes and confirms everything there is for it. */
      read() {
        for (let more = true; more; ) {
          more = receipts.length > 0
          for (const confirm of receipts.splice(0)) confirm()
          for (const subscriber of [...marked]) {
            const helping = serve([subscriber])
            if (!helping) {
              marked.delete(subscriber)
              continue
            }
            told.push(helping.news)
            helping.confirm()
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
    /** The kept events of each channel, on the disk. */
    records,
    breakDisk(value: boolean) {
      isDiskBroken = value
    },
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
