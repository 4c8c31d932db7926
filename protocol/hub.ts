/**
 * Owns the words where a tab cannot have a port to its broker: what is said on the hub of a line, a
 * BroadcastChannel that everybody hears, and what a page says to a dedicated worker of its own.
 *
 * On the hub only whereabouts are said. A tab and its broker talk over a channel that has the tab's own
 * name and no third reader, so it is ordered and as good as a port, and a burst for one tab is not
 * copied for all.
 */

/** A BroadcastChannel, as far as it is needed: all others of its name hear what is posted. */
export interface Broadcast {
  post(message: unknown): void
  close(): void
}

export type OpenBroadcast = (name: string, onMessage: (message: unknown) => void) => Broadcast

export const hubName = (line: string): string => `${line}:hub`
export const portName = (line: string, port: string): string => `${line}:port:${port}`

export type HubWord =
  /** From now on this host serves the line; what was said to another one is said to nobody. */
  | { readonly kind: 'here'; readonly host: string }
  /** Whoever serves the line shall listen on that port. */
  | { readonly kind: 'connect'; readonly port: string }
  /**
   * Somebody would serve the line better: a SharedWorker, a tab of a later contract, whom the one who
   * serves cannot serve, or a tab that has been visible for a while.
   */
  | { readonly kind: 'claim'; readonly by: 'shared-worker' | 'later' | 'tab' }
  /** Somebody sees this tab now: those that nobody sees stand behind it. */
  | { readonly kind: 'shown' }
  /** The leader is no longer seen. */
  | { readonly kind: 'hidden' }
  /** Whoever serves the line does not answer: is its worker there? */
  | { readonly kind: 'doubt' }

/** The first word on a port: the host listens. After it everything is Comlink's. */
export interface Ready {
  readonly ready: string
}

/** The last word of a tab on its port. */
export const HUNG_UP = null

/** What a page says to its dedicated worker. */
export type Order =
  /** Serve this line to all tabs, over its hub. */
  | { readonly kind: 'lead'; readonly line: string }
  /** Serve this page alone, over the port that comes along. */
  | { readonly kind: 'attach' }
  /** Give everything back, and say `left`. */
  | { readonly kind: 'leave' }
  /** Say that you are here. */
  | { readonly kind: 'ping' }

/** What a dedicated worker says to its page: it serves, or it does so no longer. */
export type Report = 'here' | 'left'
