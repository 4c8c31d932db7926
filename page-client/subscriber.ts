/**
 * Owns one subscription of this tab: where it stands, and what becomes of each piece of news for it
 * (P6). While a snapshot is fetched it goes on unheard, so that the broker keeps what comes after;
 * then it moves to where the snapshot was taken. What a validator refuses is told and passed by.
 *
 * A broker that hears of us again says again what came after the cursor; whatever an older one has
 * said and a validator still looks at is therefore dropped.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Cursor, EventId } from '../protocol/ids.js'
import type { From, News } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { EventHandler, EventInfo, Snapshot, SubscribeOptions } from './api.js'
import type { PageEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import { createInOrder, isPromise } from './in-order.js'
import { type Opened, openAll } from './payload.js'
import { createResync } from './resync.js'
import type { Check } from './validators.js'

export type Told = Extract<News, { subscriptions: readonly number[] }>

export interface Subscriber {
  readonly channel: string
  readonly history: number | undefined
  /** Where the app stands; undefined while nobody knows. */
  readonly cursor: Cursor | undefined
  /** It has no state that events could apply to; a snapshot is fetched, or will be. */
  readonly isUnheard: boolean
  /** Where to begin. What was said before and is not delivered yet will be said again. */
  from(): From
  /** Returns what to wait for, if a validator takes its time. */
  take(news: Told): Promise<unknown> | undefined
  stop(): void
}

export interface SubscriberOptions {
  readonly channel: string
  readonly handler: EventHandler<never>
  readonly given: SubscribeOptions
  readonly check: Check
  readonly environment: Pick<PageEnvironment, 'now' | 'after' | 'random'>
  /** From here on it is unheard; not called where it was so from the beginning. */
  onUnheard(): void
  /** It begins anew somewhere else. */
  onMoved(): void
  onError(error: ErrorInfo, cause?: unknown): void
}

export function createSubscriber(options: SubscriberOptions): Subscriber {
  const { channel, handler, given, check, environment, onError } = options
  const { snapshot, onSnapshot, onGap } = given
  const inOrder = createInOrder()
  let begin = beginOf(given.from ?? (given.history ? 'last' : 'now'))
  let cursor: Cursor | undefined
  /** Whoever asked for what comes from now on has nothing yet that it could follow on. */
  let isBlank = snapshot !== undefined && begin === 'now'
  /** Grows when what was said before counts no longer. */
  let era = 0

  const problemWith =
    (id: EventId) =>
    (cause: unknown): void =>
      onError(pageError('bad-event', { channel, id }), cause)

  const resync =
    snapshot &&
    createResync({
      environment,
      fetch: snapshot,
      onFetched: moveTo,
      onFailed: (cause) => onError(pageError('no-snapshot', { channel }), cause),
    })

  function moveTo({ state, at }: Snapshot<unknown>): void {
    const before = era
    begin = beginOf({ after: at })
    const { after } = begin as Exclude<From, string>
    guarded(() => onSnapshot?.(state), problemWith(after.id))
    // The handler may have stopped it.
    if (era !== before) return
    era += 1
    cursor = 'epoch' in after ? after : undefined
    options.onMoved()
  }

  /** Says so before the news is confirmed, or it would count as seen by the origin (P7). */
  function fetchWhole(): void {
    if (!resync) return
    if (!isBlank) options.onUnheard()
    isBlank = false
    resync.begin()
  }

  function deliver(info: EventInfo, event: Opened | undefined, mine: number): unknown {
    if (era !== mine) return undefined
    if (isBlank) fetchWhole()
    if (resync?.isOn) return undefined
    resync?.proved()
    const problem = problemWith(info.id)
    const hand = (run: () => void): void => {
      if (era !== mine) return
      cursor = info.cursor
      guarded(run, problem)
    }
    const pass = (payload: unknown): void => hand(() => handler(payload as never, info))
    const refuse = (cause: unknown): void => hand(() => problem(cause))
    if (!event || 'cause' in event) return refuse(event?.cause)
    let end: unknown
    guarded(() => {
      const checked = check(event.payload)
      end = isPromise(checked) ? checked.then(pass, refuse) : pass(checked)
    }, refuse)
    return end
  }

  function stand(news: Extract<Told, { kind: 'position' | 'gap' }>): void {
    if (resync?.isOn) return
    // A snapshot may be of a history that the line learns of only now.
    const isHere = cursor?.epoch === news.cursor.epoch && cursor.id === news.cursor.id
    cursor = news.cursor
    if (isHere && news.kind === 'gap') return
    if (news.kind === 'position' && !isBlank && !news.isFirst) return
    const before = era
    if (news.kind === 'gap') {
      const { reason } = news
      guarded(() => onGap?.({ channel, reason, cursor: news.cursor }), problemWith(news.cursor.id))
    }
    // The handler may have stopped it.
    if (era === before) fetchWhole()
  }

  function deny(error: ErrorInfo): void {
    onError(error)
    if (!resync?.isOn) return
    resync.stop()
    isBlank = true
  }

  return {
    channel,
    history: given.history,
    get cursor() {
      return isBlank || resync?.isOn ? undefined : cursor
    },
    get isUnheard() {
      return isBlank || resync?.isOn === true
    },
    from() {
      era += 1
      return cursor ? { after: cursor } : begin
    },
    take(news) {
      const mine = era
      const step = (run: () => unknown) => inOrder(() => (era === mine ? run() : undefined))
      if (news.kind === 'denied') return step(() => deny(news.error))
      if (news.kind !== 'events') return step(() => stand(news))
      const { epoch, ids, isKept } = news
      const opened = openAll(news.payloads, ids.length)
      let end: Promise<unknown> | undefined
      for (const [index, id] of ids.entries()) {
        if (era !== mine) break
        const info = { channel, id, cursor: { epoch, id } }
        const told = isKept ? { ...info, isKept } : info
        end = step(() => deliver(told, opened[index], mine)) ?? end
      }
      return end
    },
    stop() {
      era += 1
      resync?.stop()
    },
  }
}

function beginOf(from: NonNullable<SubscribeOptions['from']>): From {
  if (typeof from === 'string') return from
  const { after } = from
  if (typeof after === 'string') return { after: { id: after as EventId } }
  // A copy, because what an app's store wraps does not cross a port, and would take the hello with it.
  return { after: { ...after } }
}
