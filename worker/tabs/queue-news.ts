/**
 * Owns what a tab that reads slowly is spared (P14): of signals the oldest, which were worth something
 * only at once, and of the presence of a channel everything but where it ends. Pure.
 */
import type { News } from '../../protocol/port.js'

type Presence = Extract<News, { kind: 'presence' }>

/** Signals that wait for one tab, over all channels. */
export const SIGNALS_KEPT = 200

/** The queue with one more piece in it; what is not superseded keeps its order. */
export function queueNews(queue: News[], piece: News): News[] {
  if (piece.kind === 'signal') {
    const first = queue.findIndex(({ kind }) => kind === 'signal')
    const signals = queue.reduce((sum, { kind }) => sum + (kind === 'signal' ? 1 : 0), 0)
    if (signals >= SIGNALS_KEPT) queue.splice(first, 1)
  } else if (piece.kind === 'presence') {
    const isSame = (one: News): boolean => one.kind === 'presence' && one.channel === piece.channel
    const before = queue.find(isSame) as Presence | undefined
    if (before) return [...queue.filter((one) => !isSame(one)), merge(before, piece)]
  }
  queue.push(piece)
  return queue
}

function merge(before: Presence, after: Presence): Presence {
  if (after.whole) return after
  const members = new Map(before.members.map((one) => [one.member, one]))
  const left = new Set(before.left)
  for (const member of after.left) {
    members.delete(member)
    left.add(member)
  }
  for (const one of after.members) {
    members.set(one.member, one)
    left.delete(one.member)
  }
  return { ...after, whole: before.whole, members: [...members.values()], left: [...left] }
}
