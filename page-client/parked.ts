/**
 * Owns this tab's picture of the events that no consumer could handle, which is the same in every tab
 * (P8, P9), and what a person may do about them. They are the broker's: without one, nothing is done.
 */
import type { News, ParkedEvent } from '../protocol/port.js'
import type { Parked } from './api.js'
import type { Questions } from './questions.js'
import { createSharedList } from './shared-list.js'

export interface ParkedView {
  readonly face: Parked
  take(changes: Extract<News, { kind: 'parked' }>): void
  clear(): void
}

export interface ParkedViewOptions {
  readonly questions: Pick<Questions, 'ask'>
  onThrow(cause: unknown): void
}

export function createParkedView({ questions: { ask }, onThrow }: ParkedViewOptions): ParkedView {
  const { face, take, clear } = createSharedList<ParkedEvent>(onThrow)
  return {
    face: Object.assign<typeof face, Omit<Parked, keyof typeof face>>(face, {
      retry: (key) => ask((broker) => broker.unpark(key), false),
      discard: (key) => ask((broker) => broker.discardParked(key), false),
    }),
    take,
    clear,
  }
}
