/**
 * Owns what the app in one tab reads: its subscriptions, where they stand, and the snapshots that are owed
 * to them. What they are told goes on record for the judges (P6, P7).
 */
import { type Beginning, idIn } from '../../e2e/inbox-check/story.js'
import type { Subscription } from '../../page-client/api.js'
import type { Cursor } from '../../protocol/ids.js'
import type { Records } from './records.js'
import type { SimTab } from './tab.js'

export interface Reading {
  readonly name: string
  readonly channel: string
  readonly from: Beginning
  readonly history: number
  /** How the app fetches the whole state: where the channel stands; undefined: it does not. */
  readonly position: (() => Promise<Cursor>) | undefined
}

export interface Readers {
  subscribe(reading: Reading): void
  /** Stops one subscription, of any number. */
  stop(number: number): void
  /** Puts on record where those stand that were told nothing yet. */
  look(): void
  /** Who still waits for a beginning, or for a snapshot, in words. */
  waiting(): Iterable<string>
  /** Whether all who read the channel stand there. */
  areAt(channel: string, place: string): boolean
}

export const nameOf = ({ epoch, id }: Cursor): string => idIn(epoch ?? '', id)

export function createReaders(
  { line, name: who }: SimTab,
  home: string,
  records: Records,
): Readers {
  const subscriptions = new Map<
    string,
    { readonly channel: string; readonly face: Subscription; isPlaced: boolean }
  >()
  /** Those that a snapshot is owed to. */
  const owed = new Set<string>()

  return {
    subscribe({ name, channel, from, history, position }) {
      const say = (fact: Parameters<Records['inbox']>[0]): void => {
        const own = subscriptions.get(name)
        if (own) own.isPlaced = true
        records.inbox(fact)
      }
      const about = { tab: who, subscription: name }
      const hasSnapshot = position !== undefined
      const beginning = { channel: `${home}${channel}`, from, hasSnapshot, history }
      records.inbox({ fact: 'subscribed', ...about, ...beginning })
      const place = typeof from === 'object' ? from.after : undefined
      const [epoch = '', id = ''] = place?.split('/') ?? []
      const face = line
        .channel<unknown>(channel)
        .subscribe<Cursor>(
          (payload, { cursor, isKept }) =>
            say({ fact: 'event', ...about, id: nameOf(cursor), payload, isKept }),
          {
            from: typeof from === 'object' ? { after: { epoch, id } as Cursor } : from,
            ...(history && { history }),
            ...(position && {
              async snapshot() {
                const at = await position()
                return { state: at, at }
              },
              onSnapshot(at: Cursor) {
                owed.delete(name)
                say({ fact: 'snapshot', ...about, at: nameOf(at) })
              },
            }),
            onGap({ reason, cursor }) {
              if (hasSnapshot) owed.add(name)
              say({ fact: 'gap', ...about, reason, id: nameOf(cursor) })
            },
          },
        )
      subscriptions.set(name, { channel, face, isPlaced: false })
      if (hasSnapshot && from === 'now') owed.add(name)
    },
    stop(number) {
      const names = [...subscriptions.keys()]
      const name = names[number % (names.length || 1)]
      if (name === undefined) return
      subscriptions.get(name)?.face.stop()
      subscriptions.delete(name)
      owed.delete(name)
      records.inbox({ fact: 'stopped', tab: who, subscription: name })
    },
    look() {
      for (const [name, own] of subscriptions) {
        const { cursor } = own.face
        if (own.isPlaced || !cursor) continue
        own.isPlaced = true
        records.inbox({ fact: 'placed', tab: who, subscription: name, id: nameOf(cursor) })
      }
    },
    *waiting() {
      for (const name of owed) yield `${name} waits for a snapshot in ${who}`
      for (const [name, { face }] of subscriptions)
        if (!face.cursor) yield `${name} in ${who} stands nowhere`
    },
    areAt: (channel, place) =>
      [...subscriptions.values()]
        .filter((one) => one.channel === channel)
        .every(({ face: { cursor } }) => cursor && nameOf(cursor) === place),
  }
}
