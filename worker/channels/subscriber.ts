/**
 * Owns what a channel and a tab know of one subscription: each stands at its own place (P6).
 */
import type { From, News } from '../../protocol/port.js'
import type { Channel } from './channel.js'

/** The tab, as a channel sees it. */
export interface Outlet {
  /** `taken` is called when the tab has handled it, and never if it goes before. */
  push(news: News, taken?: () => void): void
  /** There may be events for this subscriber: come and cut them when there is time. */
  mark(subscriber: Subscriber): void
}

export interface Subscriber {
  /** The tab's own name for it. */
  readonly id: number
  /** Where it begins; once it stands somewhere, where it would have to begin anew. */
  from: From
  readonly outlet: Outlet
  readonly channel: Channel
  /** It holds its place and frees credit, and what it takes is not seen by the origin for that (P6, P7). */
  isUnheard: boolean
  /** The next place in the ring; null until the server has said where the channel stands, while it catches up, and after it left. */
  place: number | null
}
