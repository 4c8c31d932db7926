/** Owns what a spec's gateway actor asks of the gateway's process, and what comes back. Plain data. */
export type Ask =
  | { readonly ask: 'stats' }
  | { readonly ask: 'most' }
  | { readonly ask: 'welcomedAt' }
  /** After a forced collection. */
  | { readonly ask: 'memory' }
  | { readonly ask: 'publish'; readonly channel: string; readonly payload: unknown }
  | { readonly ask: 'read'; readonly channel: string }
  | { readonly ask: 'position'; readonly channel: string }
  | { readonly ask: 'whole'; readonly channel: string }
  /** Answered with what the channel had before, oldest first. */
  | { readonly ask: 'trim'; readonly channel: string; readonly keep: number }
  | { readonly ask: 'accept'; readonly tokens: readonly string[] | undefined }
  | { readonly ask: 'deny'; readonly channels: readonly string[] }
  | { readonly ask: 'end-tokens'; readonly lives: Readonly<Record<string, number>> }
  | { readonly ask: 'sightings' }
  | { readonly ask: 'said' }

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

/** Somebody has asked to be let in. */
export interface Sighting {
  readonly token?: string
  /** The address of the upgrade. */
  readonly url: string
}

/** Bytes. */
export interface GatewayMemory {
  /** What its JavaScript holds, buffers included. */
  readonly heap: number
  /** What the process has of the machine. */
  readonly resident: number
}

export interface GatewayEvent {
  readonly id: string
  readonly payload: unknown
}

/** A snapshot: what the channel still has, and the last event that is in it. */
export interface Whole {
  readonly state: readonly unknown[]
  readonly at: string
  readonly epoch: string
}

export interface Place {
  readonly epoch: string
  readonly id: string
}
