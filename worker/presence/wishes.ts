/**
 * Owns what the tabs of this browser want of the presence of channels, and what that comes to: to the
 * server a browser is one member, so it watches if any tab does, and shows what was set last by a tab
 * that still lives. Pure of time and of wires.
 */
import type { PresenceWish } from '../../protocol/port.js'

export interface Wishes<Tab> {
  /** What a tab says replaces what it said before; undefined: it wants nothing any more. */
  put(channel: string, tab: Tab, wish: PresenceWish | undefined): void
  /** What all of it comes to, or undefined if nobody wants anything. */
  of(channel: string): PresenceWish | undefined
  watchers(channel: string): Iterable<Tab>
  channels(): Iterable<string>
}

interface Wish extends PresenceWish {
  /** Larger: its state was set later. */
  readonly order: number
}

export function createWishes<Tab>(): Wishes<Tab> {
  const all = new Map<string, Map<Tab, Wish>>()
  let orders = 0

  /** Who only begins or ceases to watch has not set its state anew. */
  function orderOf(before: Wish | undefined, { watch, state }: PresenceWish): number {
    const isOnlyWatch = before && before.state === state && before.watch !== watch
    return isOnlyWatch ? before.order : ++orders
  }

  return {
    put(channel, tab, wish) {
      const here = all.get(channel) ?? new Map<Tab, Wish>()
      if (wish) here.set(tab, { ...wish, order: orderOf(here.get(tab), wish) })
      else here.delete(tab)
      if (here.size) all.set(channel, here)
      else all.delete(channel)
    },
    of(channel) {
      const here = [...(all.get(channel)?.values() ?? [])]
      if (here.length === 0) return undefined
      const shown = here
        .filter(({ state }) => state !== undefined)
        .sort((a, b) => b.order - a.order)[0]
      const watch = here.some((wish) => wish.watch)
      return { watch, ...(shown?.state !== undefined && { state: shown.state }) }
    },
    *watchers(channel) {
      for (const [tab, { watch }] of all.get(channel) ?? []) if (watch) yield tab
    },
    channels: () => all.keys(),
  }
}
