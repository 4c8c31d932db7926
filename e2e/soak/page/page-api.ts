/** Owns what a soak may ask of its page, `window.soak`, and what the page has counted. Plain data. */
import type { Run } from '../ledger.js'

export const CHANNELS = ['a', 'b', 'c'] as const
export type ChannelName = (typeof CHANNELS)[number]

export interface PageOptions {
  readonly url: string
  readonly worker: string
  /** The author of what this life of the tab publishes. */
  readonly name: string
}

/** What goes over a channel: the author's how-manieth it is, and weight. */
export interface Item {
  readonly author: string
  readonly number: number
  readonly filling: string
}

/** What a page was told, and what became of what it asked, since it was last asked for it. */
export interface Tally {
  readonly runs: readonly Run[]
  readonly gaps: number
  readonly signals: number
  readonly handled: number
  readonly answered: number
  /** Requests without an answer, publications that failed, errors of the line: how many of each code. */
  readonly requests: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
}

export interface PageApi {
  connect(options: PageOptions): void
  /** The server has said where each subscription begins. */
  isReady(): boolean
  /** Says how many it has published to that channel by now. */
  publish(channel: ChannelName, count: number, length: number): number
  /** How many of them are on disk. */
  stored(channel: ChannelName): number
  request(count: number): void
  signal(channel: ChannelName, count: number): void
  reconnect(): void
  /** Gives what it has counted, and begins again: the page must not be what grows. */
  tally(): Tally
  /** Online, and nothing waits: in the outbox, in a lifeboat, for an answer. */
  isSettled(): boolean
}

declare global {
  interface Window {
    readonly soak: PageApi
  }
}
