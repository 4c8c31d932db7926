/**
 * Owns what is on its way to one tab: news in order, events by the place of each subscription, one
 * parcel in flight. While a parcel is unconfirmed the next one grows, so that a burst costs one
 * message instead of thousands and a slow tab costs only itself (F18, P14).
 */
import type { InstanceId, Key, TabId } from '../../protocol/ids.js'
import type { News, Parcel, TabSurface, TokenReply } from '../../protocol/port.js'
import { type Helping, serve } from '../channels/serve.js'
import type { Outlet, Subscriber } from '../channels/subscriber.js'
import { queueNews } from './queue-news.js'

export interface Tab extends Outlet {
  readonly id: TabId
  /** Operations whose outcome this tab wants to learn. */
  readonly awaited: Set<Key>
  /** Whether somebody can see it now. */
  isVisible: boolean
  /** Whether it can be asked for tokens. */
  readonly hasAuth: boolean
  /** Asks the page for one. */
  token(): Promise<TokenReply>
  /** Resolves when it has taken everything that it was told. */
  idle(): Promise<void>
  /**
   * Nothing more is said to it but that it has to attach again: another instance answers now.
   * `isElsewhere`: over the hub, to whoever serves the line.
   */
  turnAway(other: InstanceId, isElsewhere?: boolean): void
  close(): void
}

export interface TabOptions {
  readonly id: TabId
  readonly instance: InstanceId
  /** Calls cross a port: each answer is a promise, even of what returns nothing. */
  readonly page: RemoteTab
  readonly isVisible: boolean
  readonly hasAuth: boolean
  /** The whole outbox, for a tab that has fallen far behind. */
  wholeOutbox(): News
  /** All parked events, for the same. */
  wholeParked(): News
}

export interface RemoteTab {
  take(parcel: Parcel): Promise<void>
  token(): ReturnType<TabSurface['token']>
}

/** So many pieces of outbox news are worth as much as the whole outbox. */
const DELTAS_MAX = 50

export function createTab(options: TabOptions): Tab {
  const { id, instance, page, wholeOutbox, wholeParked } = options
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
      const { news, helpings } = fill()
      // A page that throws has reported that itself; the parcel counts as handled.
      if (news.length) await page.take({ instance, news }).catch(() => {})
      if (isClosed) return
      for (const { confirm } of helpings) confirm()
      for (const run of taken) run()
    }
    isBusy = false
  }

  function fill(): { news: News[]; helpings: Helping[] } {
    const news = pending
    pending = []
    deltas = 0
    const helpings: Helping[] = []
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
      const helping = serve(group)
      if (!helping) continue
      news.push(helping.news)
      helpings.push(helping)
      // There may be more; serving finds out.
      for (const subscriber of group) marked.add(subscriber)
    }
    return { news, helpings }
  }

  function close(): void {
    isClosed = true
    pending = []
    receipts = []
    marked.clear()
  }

  return {
    id,
    awaited: new Set(),
    isVisible: options.isVisible,
    hasAuth: options.hasAuth,
    push(news, taken) {
      if (taken) receipts.push(taken)
      if (news.kind === 'status') pending = pending.filter(({ kind }) => kind !== 'status')
      if (news.kind === 'outbox' && ++deltas > DELTAS_MAX) {
        pending = pending.filter(({ kind }) => kind !== 'outbox')
        deltas = 0
        pending.push(wholeOutbox())
      } else if (news.kind === 'parked' && pending.some(({ kind }) => kind === 'parked')) {
        pending = pending.filter(({ kind }) => kind !== 'parked')
        pending.push(wholeParked())
      } else pending = queueNews(pending, news)
      wake()
    },
    mark(subscriber) {
      marked.add(subscriber)
      wake()
    },
    // An old port, or a page that could not put its failure into words.
    token: () => page.token().catch(() => null),
    idle: () => running,
    turnAway(other, isElsewhere = false) {
      close()
      page.take({ instance: other, news: [], isElsewhere }).catch(() => {})
    },
    close,
  }
}
