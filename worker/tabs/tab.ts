/**
 * Owns what is on its way to one tab: news in order, events by the place of each subscription, one
 * parcel in flight. While a parcel is unconfirmed the next one grows, so that a burst costs one
 * message instead of thousands and a slow tab costs only itself (F18, P14).
 */
import type { InstanceId, Key, TabId } from '../../protocol/ids.js'
import type { News, Parcel, TabSurface } from '../../protocol/port.js'
import type { Batch } from '../channels/channel.js'
import type { Outlet, Subscriber } from '../channels/subscriber.js'
import { queueNews } from './queue-news.js'

export interface Tab extends Outlet {
  readonly id: TabId
  /** Whether somebody can see it now. */
  isVisible: boolean
  /** Operations whose outcome this tab wants to learn. */
  readonly awaited: Set<Key>
  /** Asks the page for a token. */
  token(): Promise<string | undefined>
  /** Resolves when it has taken everything that it was told. */
  idle(): Promise<void>
  /** Nothing more is said to it but that another instance answers now: it has to attach again. */
  turnAway(other: InstanceId): void
  close(): void
}

export interface TabOptions {
  readonly id: TabId
  readonly instance: InstanceId
  /** Calls cross a port: each answer is a promise, even of what returns nothing. */
  readonly page: RemoteTab
  /** The whole outbox, for a tab that has fallen far behind. */
  wholeOutbox(): News
}

export interface RemoteTab {
  take(parcel: Parcel): Promise<void>
  token(): ReturnType<TabSurface['token']>
}

/** So many pieces of outbox news are worth as much as the whole outbox. */
const DELTAS_MAX = 50

export function createTab({ id, instance, page, wholeOutbox }: TabOptions): Tab {
  let pending: News[] = []
  let deltas = 0
  /** What to call when the next parcel is confirmed. */
  let receipts: (() => void)[] = []
  const marked = new Set<Subscriber>()
  let isBusy = false
  let running = Promise.resolve()
  let isClosed = false

  function wake(): void {
    if (isBusy || isClosed) return
    isBusy = true
    // One turn of grace: what the same message still brings comes along.
    running = Promise.resolve().then(run)
  }

  async function run(): Promise<void> {
    while (!isClosed && (pending.length || marked.size)) {
      const taken = receipts
      receipts = []
      const { news, batches } = fill()
      // A page that throws has reported that itself; the parcel counts as handled.
      if (news.length) await page.take({ instance, news }).catch(() => {})
      if (isClosed) return
      for (const [group, batch] of batches) {
        // Who has left while the parcel was on its way has not seen all of it (F21).
        const reader = group.find(({ place }) => place !== null)
        reader?.channel.confirmed(batch)
      }
      for (const run of taken) run()
    }
    isBusy = false
  }

  function fill(): { news: News[]; batches: [readers: Subscriber[], Batch][] } {
    const news = pending
    pending = []
    deltas = 0
    const batches: [Subscriber[], Batch][] = []
    const groups = new Map<string, Subscriber[]>()
    for (const subscriber of marked) {
      if (subscriber.place === null) continue
      const place = `${subscriber.place} ${subscriber.channel.name}`
      const group = groups.get(place)
      if (group) group.push(subscriber)
      else groups.set(place, [subscriber])
    }
    marked.clear()
    for (const group of groups.values()) {
      const [first] = group
      if (!first || first.place === null) continue
      if (first.channel.sendBack(group)) continue
      const ids = group.map((subscriber) => subscriber.id)
      const batch = first.channel.cut(first.place, ids)
      if (batch.to === first.place) continue
      news.push(batch.news)
      batches.push([group, batch])
      for (const subscriber of group) {
        subscriber.place = batch.to
        subscriber.from = { after: batch.cursor }
        // There may be more; cutting finds out.
        marked.add(subscriber)
      }
    }
    return { news, batches }
  }

  function close(): void {
    isClosed = true
    pending = []
    receipts = []
    marked.clear()
  }

  return {
    id,
    isVisible: false,
    awaited: new Set(),
    push(news, taken) {
      if (taken) receipts.push(taken)
      if (news.kind === 'status') pending = pending.filter(({ kind }) => kind !== 'status')
      if (news.kind === 'outbox' && ++deltas > DELTAS_MAX) {
        pending = pending.filter(({ kind }) => kind !== 'outbox')
        deltas = 0
        pending.push(wholeOutbox())
      } else pending = queueNews(pending, news)
      wake()
    },
    mark(subscriber) {
      marked.add(subscriber)
      wake()
    },
    token: () => page.token(),
    idle: () => running,
    turnAway(other) {
      close()
      page.take({ instance: other, news: [] }).catch(() => {})
    },
    close,
  }
}
