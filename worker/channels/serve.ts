/**
 * Owns one helping from a channel's ring: what comes next for readers that stand at the same place, and
 * what their having taken it means (P6, F21). Tabs and consumers are served alike; how the news travels
 * is theirs to know.
 */
import type { News } from '../../protocol/port.js'
import type { Subscriber } from './subscriber.js'

export interface Helping {
  readonly news: News
  /** It has been taken. */
  confirm(): void
}

/** Cuts it and moves the readers on; undefined: there is nothing for them in the ring now. */
export function serve(readers: readonly Subscriber[]): Helping | undefined {
  const [first] = readers
  if (!first || first.place === null || first.channel.sendBack(readers)) return undefined
  const ids = readers.map(({ id }) => id)
  const batch = first.channel.cut(first.place, ids)
  if (batch.to === first.place) return undefined
  for (const reader of readers) {
    reader.place = batch.to
    reader.from = { after: batch.cursor }
  }
  return {
    news: batch.news,
    confirm() {
      // Who has left while it was on its way has not seen all of it (F21).
      const present = readers.filter(({ place }) => place !== null)
      if (present.length) first.channel.confirmed(batch, present)
    },
  }
}
