/**
 * Owns this tab's picture of the events that no consumer could handle, which is the same in every tab
 * (P8, P9), and what a person may do about them. They are the broker's: without one, nothing is done.
 */
import type { News, ParkedEvent } from '../protocol/port.js'
import type { Parked } from './api.js'
import type { RemoteBroker } from './remote-broker.js'
import { createSharedList, type SharedListOptions } from './shared-list.js'

export interface ParkedView {
  readonly face: Parked
  take(changes: Extract<News, { kind: 'parked' }>): void
  clear(): void
}

export interface ParkedViewOptions extends SharedListOptions {
  broker(): Pick<RemoteBroker, 'unpark' | 'discardParked'> | undefined
}

export function createParkedView(options: ParkedViewOptions): ParkedView {
  const { broker } = options
  const { face, take, clear, answer } = createSharedList<ParkedEvent>(options)
  return {
    face: Object.assign<typeof face, Omit<Parked, keyof typeof face>>(face, {
      retry: (key) => answer(broker()?.unpark(key), false),
      discard: (key) => answer(broker()?.discardParked(key), false),
    }),
    take,
    clear,
  }
}
