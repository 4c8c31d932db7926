/**
 * Owns the presence of this browser on the line: what its tabs want of it is said to the server as one
 * wish a channel, and who else is there is told to the tabs that watch. A server that knows nobody is
 * told everything with the next hello, so there are no ghosts.
 *
 * It does not know what a state means. At most one change in 50 ms goes out for a channel (P14).
 */
import type { News, PresenceWish } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Clock } from '../clock.js'
import { createPace } from '../pace.js'
import { createRoster, type Roster } from './roster.js'
import { createWishes } from './wishes.js'

/** A tab, as presence sees it. */
export interface Watcher {
  push(news: News): void
}

export interface Presence {
  wish(channel: string, tab: Watcher, wish: PresenceWish | undefined): void
  /** For a hello. */
  hello(): Pick<UpBody<'hello'>, 'presence'>
  /** Says what the hello did not. */
  welcomed(): void
  told(frame: DownBody<'presence'>): void
  /** Shows nothing of this browser any more: it will not be back, so nobody need wait for it. */
  leave(): void
  close(): void
}

export interface PresenceOptions {
  readonly clock: Clock
  isOnline(): boolean
  /** Whether this server knows presence. */
  isOffered(): boolean
  /** What others call this browser. */
  self(): string | undefined
  transmit(frames: readonly UpFrame[]): void
}

/** The longest state, in characters. */
export const STATE_MAX = 4_096
const PAUSE_MS = 50
/** A hello is one message, and how long a message may be is not known before its answer. */
const HELLO_CHANNELS = 1_000
const HELLO_CHARACTERS = 64 * 1024

export function createPresence(options: PresenceOptions): Presence {
  const wishes = createWishes<Watcher>()
  const rosters = new Map<string, Roster>()
  /** What the server was told since its welcome, as text. */
  const told = new Map<string, string>()
  const pace = createPace<string>(options.clock, PAUSE_MS)

  const bodyOf = (channel: string): UpBody<'presence'> => {
    return { channel, ...(wishes.of(channel) ?? { watch: false }) }
  }

  function say(channel: string): void {
    if (!options.isOnline() || !options.isOffered()) return
    const body = bodyOf(channel)
    const text = JSON.stringify(body)
    const isNothing = !body.watch && body.state === undefined
    if ((told.get(channel) ?? (isNothing ? text : '')) === text) return
    if (isNothing) told.delete(channel)
    else told.set(channel, text)
    options.transmit([['presence', body]])
  }

  function tell(channel: string, news: News): void {
    for (const tab of wishes.watchers(channel)) tab.push(news)
  }

  /** Who is there is known for as long as the server takes us for somebody who wants to know. */
  function tend(channel: string): void {
    if (!wishes.of(channel)?.watch) rosters.delete(channel)
    say(channel)
  }

  return {
    wish(channel, tab, wish) {
      const isWatching = [...wishes.watchers(channel)].includes(tab)
      wishes.put(channel, tab, wish)
      if (wish?.watch && !rosters.has(channel)) rosters.set(channel, createRoster(channel))
      const known = rosters.get(channel)?.whole()
      if (wish?.watch && !isWatching && known) tab.push(known)
      pace.call(channel, () => tend(channel))
    },

    hello() {
      told.clear()
      const bodies: UpBody<'presence'>[] = []
      let characters = 0
      for (const channel of wishes.channels()) {
        const body = bodyOf(channel)
        const text = JSON.stringify(body)
        characters += text.length
        if (bodies.length >= HELLO_CHANNELS || characters > HELLO_CHARACTERS) break
        bodies.push(body)
        told.set(channel, text)
      }
      return bodies.length ? { presence: bodies } : {}
    },

    welcomed() {
      for (const [channel, roster] of rosters) {
        roster.outdate()
        if (options.isOffered()) continue
        // Nobody will ever tell who has gone.
        const empty = { channel, whole: true, members: [], left: [] }
        tell(channel, roster.told(empty, undefined))
      }
      for (const channel of new Set([...told.keys(), ...wishes.channels()])) say(channel)
    },

    told(frame) {
      const roster = rosters.get(frame.channel)
      if (roster) tell(frame.channel, roster.told(frame, options.self()))
    },

    leave() {
      const nothing = (channel: string): UpFrame => ['presence', { channel, watch: false }]
      options.transmit(Array.from(told.keys(), nothing))
    },

    close: pace.close,
  }
}
