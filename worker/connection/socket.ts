/**
 * Owns the shape of a socket as the connection needs it. It reports its own end exactly once, and
 * nothing after `close()` was called here; and it never calls back before `OpenSocket` has returned.
 */
export interface Socket {
  send(text: string): void
  /** May say when it is really gone: the network has a word in that. */
  close(code: number, why?: string): Promise<void> | void
}

export interface SocketEvents {
  opened(): void
  received(message: unknown): void
  closed(code: number, why: string): void
}

export type OpenSocket = (url: string, protocol: string, events: SocketEvents) => Socket
