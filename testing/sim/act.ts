/**
 * Owns what can be done to a world: by its apps, and by fate. An act is plain data, so that a story can
 * be told, kept, and told again without one of its acts. No behaviour.
 */
import type { Ambush } from './ambush.js'
import type { Farewell } from './front-door.js'
import type { Fate } from './people.js'

export type Act = { readonly who: number } & (
  | { readonly do: 'open' | 'stop' | 'discard' }
  | { readonly do: 'send'; readonly ops: readonly Op[]; readonly thenClose: boolean }
  | { readonly do: 'ask'; readonly ms: number }
  | {
      readonly do: 'subscribe'
      readonly channel: number
      readonly from: 'now' | 'last' | 'all'
      /** Kept events; they go on from the last. */
      readonly history: number
      /** How long the app fetches a snapshot; 0: it wants none. */
      readonly snapshotMs: number
    }
  | {
      readonly do: 'consume'
      readonly channel: number
      readonly takesMs: number
      readonly fails: number
    }
  | { readonly do: 'close' | 'crash' | 'leave' | 'stick' | 'come-back' | 'hide' | 'show' }
  | { readonly do: 'kill-worker' }
  | ({ readonly do: 'ambush' } & Ambush)
  /** A worker file, and with it a later release, or one's own code alone. */
  | { readonly do: 'deploy'; readonly isLater: boolean }
  | { readonly do: 'hang-worker'; readonly ms: number }
  | { readonly do: 'publish'; readonly channel: number; readonly count: number }
  | { readonly do: 'trim'; readonly channel: number; readonly keep: number }
  | { readonly do: 'cut' }
  | { readonly do: 'silence'; readonly ms: number; readonly isBroken: boolean }
  | { readonly do: 'network-down'; readonly ms: number }
  | { readonly do: 'crash-gateway'; readonly ms: number }
  | { readonly do: 'drain-gateway'; readonly ms: number }
  /** Nobody is let in; `isForAll`: and who is in has to go. */
  | ({ readonly do: 'turn-away'; readonly ms: number; readonly isForAll: boolean } & Farewell)
  | { readonly do: 'sign-out'; readonly fate: Fate; readonly next: number }
  /** Whoever is in has to show another one; apps go on with what they have for a while. */
  | { readonly do: 'revoke-tokens'; readonly ms: number }
  | { readonly do: 'idle-gateway'; readonly ms: number }
  /** The gateway's machine is replaced by an empty one. */
  | { readonly do: 'lose-log'; readonly ms: number }
  | { readonly do: 'disk'; readonly fault: 'full' | 'broken' | 'stalled'; readonly ms: number }
  | { readonly do: 'sever-disk' }
  | { readonly do: 'pause' | 'resume' | 'reconnect' }
  | { readonly do: 'jump-clock'; readonly ms: number }
  /** Nobody does anything for so long. */
  | { readonly do: 'wait'; readonly ms: number }
)

export interface Op {
  readonly lane: number
  readonly kind: 'publish' | 'poison' | 'short-lived'
  readonly priority: number
  readonly ttl: number
}

export type Deed = Act['do']

/** Two lanes into the first channel, two into the second: a channel's own, and another. */
export const LANES = ['a', 'quick', 'b', 'slow'] as const
