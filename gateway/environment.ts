/**
 * Owns what the gateway asks of the world: a clock, randomness, sockets and a place for its words.
 * Nothing in session/ and hub/ knows another one, so the same code runs on a virtual clock.
 */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970, for `welcome.time` alone. */
  wall(): number
  /** Calls back once; returns the way to call it off. */
  after(ms: number, run: () => void): () => void
}

export interface Random {
  /** 0 ≤ roll < 1. */
  roll(): number
  /** A name that nobody guesses. */
  newId(): string
}

/** One open socket, as a session sees it. */
export interface Socket {
  send(text: string): void
  /** Asks the peer to close. */
  close(code: number, why: string): void
  /** Drops the connection without a word: the peer does not answer. */
  terminate(): void
  /** Bytes that wait to be sent. */
  buffered(): number
}

/** What the gateway says about itself, a line at a time. Any structured logger fits behind it. */
export type Logger = (
  level: 'info' | 'warn' | 'error',
  event: string,
  facts: Readonly<Record<string, unknown>>,
) => void

export const silent: Logger = () => undefined
