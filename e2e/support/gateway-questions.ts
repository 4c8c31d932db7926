/** Owns what a spec's gateway actor asks of the gateway's process, and what comes back. Plain data. */
export type Ask =
  | { readonly ask: 'stats' }
  | { readonly ask: 'publish'; readonly channel: string; readonly payload: unknown }
  | { readonly ask: 'read'; readonly channel: string }
  | { readonly ask: 'accept'; readonly tokens: readonly string[] | undefined }

export type Question = Ask & { readonly id: number }

export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** The first message: the gateway listens. */
export interface Ready {
  readonly port: number
}

export interface GatewayStats {
  /** Connections that have been welcomed and are open. */
  readonly connections: number
  /** Connections since the process started. */
  readonly opened: number
}

export interface GatewayEvent {
  readonly id: string
  readonly payload: unknown
}
