/**
 * Owns who is present where in this gateway, and for how long after its connection was lost. Nothing is
 * stored: a new process knows nobody and clients set themselves again with their hello, so a crash
 * leaves no ghosts.
 */
import type { Clock } from '../environment.js'
import { createRoom, type Holder, type Room, type RoomLimits, type Watcher } from './room.js'

export interface Roster {
  sit(channel: string, holder: Holder, state: string): void
  stand(channel: string, author: string): void
  watch(channel: string, watcher: Watcher): void
  unwatch(channel: string, watcher: Watcher): void
  /** A client is back: its seat in this channel, if it still has one, is this connection's. */
  adopt(channel: string, holder: Holder): void
  /** The connection is gone; what nobody has taken over by the end of the grace period leaves. */
  lose(holder: Holder): void
  stats(): { readonly members: number; readonly watchers: number }
  close(): void
}

export interface RosterLimits extends RoomLimits {
  readonly graceMs: number
}

export function createRoster(clock: Clock, limits: RosterLimits): Roster {
  const rooms = new Map<string, Room>()
  /** By author: the channels in which it has a seat. */
  const places = new Map<string, Set<string>>()
  const timers = new Set<() => void>()

  function roomOf(channel: string): Room {
    const known = rooms.get(channel)
    if (known) return known
    const room = createRoom(channel, clock, limits)
    rooms.set(channel, room)
    return room
  }

  function tidy(channel: string, room: Room): void {
    if (room.members || room.watchers) return
    room.close()
    rooms.delete(channel)
  }

  /** With a holder, only where nobody has taken over. */
  function stand(channel: string, author: string, holder?: Holder): void {
    const room = rooms.get(channel)
    if (!room) return
    const before = room.members
    room.stand(author, holder)
    if (room.members === before) return
    const channels = places.get(author)
    channels?.delete(channel)
    if (!channels?.size) places.delete(author)
    tidy(channel, room)
  }

  return {
    sit(channel, holder, state) {
      roomOf(channel).sit(holder, state)
      const channels = places.get(holder.author) ?? new Set()
      places.set(holder.author, channels.add(channel))
    },
    stand: (channel, author) => stand(channel, author),
    watch: (channel, watcher) => roomOf(channel).watch(watcher),
    unwatch(channel, watcher) {
      const room = rooms.get(channel)
      if (!room) return
      room.unwatch(watcher)
      tidy(channel, room)
    },
    adopt: (channel, holder) => rooms.get(channel)?.adopt(holder),
    lose(holder) {
      if (!places.has(holder.author)) return
      const stop = clock.after(limits.graceMs, () => {
        timers.delete(stop)
        for (const channel of [...(places.get(holder.author) ?? [])]) {
          stand(channel, holder.author, holder)
        }
      })
      timers.add(stop)
    },
    stats() {
      let members = 0
      let watchers = 0
      for (const room of rooms.values()) {
        members += room.members
        watchers += room.watchers
      }
      return { members, watchers }
    },
    close() {
      for (const stop of timers) stop()
      for (const room of rooms.values()) room.close()
      timers.clear()
      rooms.clear()
      places.clear()
    },
  }
}
