/**
 * Owns the watch over P13 on the wire: on a connection that was opened with one person's token nothing of
 * another's is sent; nothing of somebody who has signed out; and never again what was discarded.
 */
import type { People, Person } from '../people.js'
import type { Records } from '../records.js'

export interface Privacy {
  /** A worker sends that on the socket with this number. */
  sent(socket: number, text: string): void
  /** Whoever signs out wants nothing more to be done of this. */
  discarded(keys: readonly string[]): void
}

interface Said {
  readonly auth?: string
  readonly key?: string
  readonly payload?: string
}

export function createPrivacy(people: People, records: Pick<Records, 'complain'>): Privacy {
  const owners = new Map<number, Person | undefined>()
  const gone = new Set<string>()
  const complain = (what: string, why: string): void =>
    records.complain({ promise: 'P13', what, why })

  return {
    sent(socket, text) {
      if (!people.hasNames) return
      for (const [type, { auth, key, payload }] of JSON.parse(text) as [string, Said][]) {
        if (type === 'hello') owners.set(socket, auth?.split(' ')[0] as Person | undefined)
        if (type !== 'op' || payload === undefined || key === undefined) continue
        const { by } = JSON.parse(payload) as { readonly by: Person }
        const owner = owners.get(socket)
        if (by !== owner) complain('shared', `${key} of ${by} as ${owner}`)
        if (people.away.has(by)) complain('sent-after-sign-out', `${key} of ${by}`)
        if (gone.has(key)) complain('revived', `${key} of ${by}, who had it discarded`)
      }
    },
    discarded(keys) {
      for (const key of keys) gone.add(key)
    },
  }
}
