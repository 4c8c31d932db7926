/**
 * Owns who is there in one channel, as the server last told it. After a welcome the server tells all of
 * it anew, and whoever is not told of then has gone; until it does, what was known is still shown.
 */
import type { News, PortMember } from '../../protocol/port.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'

type Presence = Extract<News, { kind: 'presence' }>

export interface Roster {
  /** What the watchers are to be told of it. */
  told(frame: DownBody<'presence'>, self: string | undefined): Presence
  /** All that is known, for a newcomer; undefined while nothing is. */
  whole(): Presence | undefined
  /** The next that is told replaces what is known. */
  outdate(): void
}

/** More than any server tells; beyond it newcomers are not shown. */
export const MEMBERS_MAX = 10_000

export function createRoster(channel: string): Roster {
  const members = new Map<string, PortMember>()
  let isKnown = false
  let isOutdated = true
  const whole = (): Presence => {
    return { kind: 'presence', channel, whole: true, members: [...members.values()], left: [] }
  }

  return {
    told(frame, self) {
      const isWhole = frame.whole || isOutdated
      isKnown = true
      isOutdated = false
      if (isWhole) members.clear()
      for (const member of frame.left) members.delete(member)
      const changed: PortMember[] = []
      for (const { member, identity, state } of frame.members) {
        if (!members.has(member) && members.size >= MEMBERS_MAX) continue
        const who = identity === undefined ? {} : { identity }
        const one = { member, ...who, state, isSelf: member === self }
        members.set(member, one)
        changed.push(one)
      }
      if (isWhole) return whole()
      return { kind: 'presence', channel, whole: false, members: changed, left: frame.left }
    },
    whole: () => (isKnown ? whole() : undefined),
    outdate() {
      isOutdated = true
    },
  }
}
