/**
 * Owns which room each piece of news from the broker goes to, and what a parcel waits for before it
 * counts as taken (P9). It knows what none of them means.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { News, Parcel } from '../protocol/port.js'
import type { Background } from './background.js'
import type { Conversation } from './conversation.js'
import type { Deliveries } from './deliveries.js'
import type { LineStatus } from './line-status.js'
import type { OutboxView } from './outbox.js'
import type { ParkedView } from './parked.js'
import type { Pausing } from './pausing.js'

export interface NewsDeskOptions {
  readonly deliveries: Pick<Deliveries, 'settle'>
  readonly outbox: Pick<OutboxView, 'take'>
  readonly parked: Pick<ParkedView, 'take'>
  readonly status: Pick<LineStatus, 'set'>
  readonly background: Pick<Background, 'told'>
  readonly pausing: Pick<Pausing, 'told'>
  readonly conversation: Pick<Conversation, 'take'>
  /** Nothing more is asked of the line in this tab. */
  isOver(): boolean
  signedOut(): void
  onProblem(error: ErrorInfo): void
}

export interface NewsDesk {
  /** Returns what to wait for before the parcel counts as taken. */
  take(parcel: Parcel): Promise<unknown> | undefined
}

export function createNewsDesk(options: NewsDeskOptions): NewsDesk {
  function taken(piece: News): Promise<unknown> | undefined {
    if (piece.kind === 'outcomes') piece.outcomes.forEach(options.deliveries.settle)
    else if (piece.kind === 'signed-out') options.signedOut()
    // Nobody is shown anything of an identity that has left (P13).
    else if (options.isOver()) return undefined
    else if (piece.kind === 'problem') options.onProblem(piece.error)
    else if (piece.kind === 'outbox') options.outbox.take(piece)
    else if (piece.kind === 'parked') options.parked.take(piece)
    else if (piece.kind === 'status') {
      options.status.set(piece.status)
      options.pausing.told(piece.status)
      options.background.told(piece.status)
    } else return options.conversation.take(piece)
    return undefined
  }

  return {
    take({ news }) {
      const waits = news.flatMap((piece) => taken(piece) ?? [])
      // What it resolves with would have to cross the port.
      return waits.length ? Promise.all(waits).then(() => {}) : undefined
    },
  }
}
