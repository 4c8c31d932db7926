/**
 * Owns the channels of the line: subscriptions of all tabs are counted, the server sees one a
 * channel, and it is dropped a grace period after the last subscriber left (P1, P6).
 */
import type { Cursor } from '../../protocol/ids.js'
import type { Subscription } from '../../protocol/port.js'
import type { ChannelAnswer, DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock } from '../clock.js'
import type { Change, Loaded } from '../storage/store.js'
import { type Channel, createChannel } from './channel.js'
import { createCursorKeeper } from './cursor-keeper.js'
import { createHistories } from './histories.js'
import { createPages } from './pages.js'
import { createPatience } from './patience.js'
import type { Outlet, Subscriber } from './subscriber.js'

export interface Channels {
  subscribe(subscription: Subscription, outlet: Outlet): Subscriber
  unsubscribe(subscriber: Subscriber): void
  /** What it takes from now on is not seen by this origin for that (P6, P7). */
  hush(subscriber: Subscriber): void
  /** Wants the channel open, and none of its events; returns its own undo. */
  hold(name: string): () => void
  /** For a hello: every channel with its position, and the credit that is left. */
  hello(): Pick<UpBody<'hello'>, 'channels' | 'credit'>
  /** Asks for what the hello did not: what was subscribed to since, and what was over the limit. */
  welcomed(limit: number): void
  answered(answer: ChannelAnswer): void
  received(frame: DownBody<'events'>): void
  gapped(frame: DownBody<'gap'>): void
  paged(frame: DownBody<'page'>): void
  lost(): void
  /** What the disk should have, as changes to an empty one. */
  snapshot(): readonly Change[]
  close(): void
}

export interface ChannelsOptions {
  readonly clock: Clock
  readonly cursors: ReadonlyMap<string, Cursor>
  readonly histories: Loaded['histories']
  write(changes: readonly Change[]): Promise<void>
  isOnline(): boolean
  /** Whether this server gives pages of history. */
  hasPages(): boolean
  /** Reaches the server only while it has welcomed us; a hello says all of it anyway. */
  transmit(frames: readonly UpFrame[]): void
  /** The server sends what does not follow, again and again. */
  onViolation(why: string): void
}

export const CREDIT = 16_384
const GRACE_MS = 5_000
/** The most channels in a hello until a server has said otherwise. */
const HELLO_CHANNELS = 1_000
const MISFITS_MAX = 3

export function createChannels(options: ChannelsOptions): Channels {
  const { clock, transmit } = options
  const channels = new Map<string, Channel>()
  const lastSeen = new Map(options.cursors)
  const leaving = new Map<string, () => void>()
  /** Opened since the server was last told everything. */
  const unasked = new Set<Channel>()
  /** Batches of a channel that did not follow, since the last that did. */
  const misfits = new Map<string, number>()
  /** Who wants a channel and not its events. */
  const holders = new Map<symbol, string>()
  let limit = HELLO_CHANNELS
  /** Events received that still occupy credit, over all channels. */
  let unseen = 0
  const histories = createHistories(options.histories)
  const keeper = createCursorKeeper({
    clock,
    window: CREDIT,
    histories,
    write: options.write,
    isOnline: options.isOnline,
    grant: (events) => transmit([['credit', { events }]]),
  })
  const pages = createPages({
    clock,
    isOffered: options.hasPages,
    transmit,
    onOverdue: () => options.onViolation('pages that never come'),
  })
  const patience = createPatience(clock, CREDIT / 2, () => channels.values())

  function open(name: string): Channel {
    const channel = createChannel({
      name,
      pages,
      last: () => lastSeen.get(name),
      onFreed(events) {
        unseen -= events
        keeper.freed(events)
      },
      recall: (count) => histories.recall(name, count),
      onSeen(cursor, run) {
        histories.seen(name, lastSeen.get(name), cursor, run)
        lastSeen.set(name, cursor)
        keeper.seen(name, cursor)
      },
    })
    channels.set(name, channel)
    return channel
  }

  /** The channel of that name, for somebody who stays. */
  function enter(name: string): Channel {
    leaving.get(name)?.()
    leaving.delete(name)
    return channels.get(name) ?? open(name)
  }

  /** Somebody is there now: a channel that the server has not heard of is asked for. */
  function entered(channel: Channel, isNew: boolean): void {
    if (!isNew) return
    unasked.add(channel)
    if (options.isOnline()) askAll()
  }

  function left(channel: Channel): void {
    const { name } = channel
    if (!channel.isIdle || leaving.has(name)) return
    const part = (): void => {
      leaving.delete(name)
      if ([...holders.values()].includes(name)) channel.rest()
      // The answer would be taken for that to the next question, by whoever opens it again.
      else if (channel.isAwaited) left(channel)
      else drop(name)
    }
    leaving.set(name, clock.after(GRACE_MS, part))
  }

  function askAll(): void {
    const frames = [...unasked].map((channel): UpFrame => ['subscribe', channel.ask()])
    unasked.clear()
    if (frames.length) transmit(frames)
  }

  function drop(name: string): void {
    const channel = channels.get(name)
    if (channel) unasked.delete(channel)
    channels.delete(name)
    misfits.delete(name)
    transmit([['unsubscribe', { channel: name }]])
  }

  return {
    subscribe(subscription, outlet) {
      const { channel: name, history } = subscription
      const isNew = !channels.has(name)
      const channel = enter(name)
      if (history !== undefined && histories.want(name, history)) keeper.changed()
      const subscriber = channel.subscribe(subscription, outlet)
      entered(channel, isNew)
      return subscriber
    },

    unsubscribe(subscriber) {
      const { channel } = subscriber
      channel.unsubscribe(subscriber)
      left(channel)
    },

    hush(subscriber) {
      subscriber.isUnheard = true
    },

    hold(name) {
      const isNew = !channels.has(name)
      const channel = enter(name)
      const own = Symbol(name)
      holders.set(own, name)
      entered(channel, isNew)
      left(channel)
      return () => {
        if (holders.delete(own)) left(channel)
      }
    },

    hello() {
      keeper.restart()
      unasked.clear()
      const all = [...channels.values()]
      // One more than the server grants would end the connection; asked later it is only denied.
      for (const channel of all.slice(limit)) unasked.add(channel)
      return {
        channels: all.slice(0, limit).map((channel) => channel.ask()),
        credit: Math.max(0, CREDIT - unseen),
      }
    },

    welcomed(granted) {
      limit = granted
      askAll()
      keeper.resume()
    },

    answered(answer) {
      channels.get(answer.channel)?.answered(answer)
    },

    received(frame) {
      const channel = channels.get(frame.channel)
      if (!channel) {
        // Dropped while no server listened.
        transmit([['unsubscribe', { channel: frame.channel }]])
        return keeper.freed(frame.events.length)
      }
      unseen += frame.events.length
      const reception = channel.received(frame)
      if (unseen >= CREDIT / 2) patience.check()
      if (reception === 'taken') misfits.delete(frame.channel)
      if (reception !== 'misfit') return
      const count = (misfits.get(frame.channel) ?? 0) + 1
      misfits.set(frame.channel, count)
      if (count < MISFITS_MAX) return transmit([['subscribe', channel.ask()]])
      misfits.delete(frame.channel)
      options.onViolation(`events of "${frame.channel}" that do not follow`)
    },

    gapped(frame) {
      channels.get(frame.channel)?.gapped(frame)
    },

    paged: pages.answered,

    lost() {
      pages.lost()
      for (const channel of channels.values()) channel.lost()
    },

    snapshot: () => [
      ...Array.from(
        lastSeen,
        ([channel, cursor]) => ({ type: 'put-cursor', channel, cursor }) as const,
      ),
      ...histories.snapshot(),
    ],

    close() {
      keeper.close()
      patience.close()
      pages.close()
      for (const cancel of leaving.values()) cancel()
    },
  }
}
