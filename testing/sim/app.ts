/**
 * Owns the app in one tab: it sends and subscribes as it is told, and what it does and is told goes on
 * record for the judges. Its record is beyond the reach of any fault.
 */

import type { Beginning, Turn } from '../../e2e/inbox-check/story.js'
import { ATTEMPTS_MAX, idIn } from '../../e2e/inbox-check/story.js'
import type { Kind } from '../../e2e/outbox-check/story.js'
import type { Delivery, Published, Subscription } from '../../page-client/api.js'
import { PartylineError } from '../../protocol/errors.js'
import type { Cursor } from '../../protocol/ids.js'
import type { Fate, Person } from './people.js'
import type { Records } from './records.js'
import type { SimTab } from './tab.js'

export interface Sending {
  readonly key: string
  readonly channel: string
  readonly lane: string
  readonly kind: Kind
  readonly priority?: number
  readonly ttl?: number
}

export interface Reading {
  readonly name: string
  readonly channel: string
  readonly from: Beginning
  readonly history: number
  /** How the app fetches the whole state: where the channel stands; undefined: it does not. */
  readonly position: (() => Promise<Cursor>) | undefined
}

export interface Task {
  readonly channel: string
  readonly consumer: string
  readonly takesMs: number
  readonly fails: number
}

/** Who uses a tab. */
export interface User {
  readonly person: Person | undefined
  /** Before the names of lanes and channels on record: nothing is in common between two of them. */
  readonly home: string
}

export interface App extends User {
  readonly tab: SimTab
  /** Its person is being signed out, or is: it asks for nothing more. */
  readonly isLeaving: boolean
  readonly isSignedOut: boolean
  /** Says at last whether it is done. */
  signOut(fate: Fate, over: (isDone: boolean) => void): void
  send(sending: Sending): void
  subscribe(reading: Reading): void
  /** Asks the server something, once. */
  ask(what: string, timeout: number): void
  /** Handles events; each takes so long, and those of the fifth kind fail so often. */
  consume(task: Task): void
  /** Stops one subscription, of any number. */
  stop(number: number): void
  /** Gives up the newest of what waits, if anything does. */
  discard(): void
  /** Puts on record where subscriptions stand that were told nothing yet. */
  look(): void
  /** The channels whose events it handles. */
  readonly consumed: ReadonlySet<string>
  /** What its consumers have in hand, and its subscriptions wait for, in words. */
  work(): Iterable<string>
  /** Promises that were given and not kept, by what was asked. */
  pending(): readonly string[]
}

/** What clocks are worth: sums of fractions differ. */
const CLOCK_MS = 0.01

export const nameOf = ({ epoch, id }: Cursor): string => idIn(epoch ?? '', id)

export function createApp(tab: SimTab, records: Records, user: User): App {
  const { home, person } = user
  const { line, name: who } = tab
  const subscriptions = new Map<string, { readonly face: Subscription; isPlaced: boolean }>()
  const promises = new Set<string>()
  const busy = new Set<string>()
  let isAsked = false
  /** Subscriptions that a snapshot is owed to. */
  const owed = new Set<string>()
  const consumed = new Set<string>()

  function follow<Value>(
    what: string,
    promise: Promise<Value>,
    kept: (value: Value) => void,
    broken: (error: PartylineError) => void,
  ): void {
    promises.add(what)
    promise.then(
      (value) => {
        promises.delete(what)
        kept(value)
      },
      (error: unknown) => {
        promises.delete(what)
        if (!(error instanceof PartylineError)) throw error
        broken(error)
      },
    )
  }

  return {
    tab,
    ...user,
    get isLeaving() {
      const { value } = line.status
      return isAsked || (value.state === 'stopped' && value.error?.code === 'signed-out')
    },
    get isSignedOut() {
      return this.isLeaving && !promises.has('sign-out')
    },
    signOut(fate, over) {
      isAsked = true
      const settled = (isDone: boolean) => (): void => {
        records.tell(`${who}: sign-out is ${isDone ? 'done' : 'not done'}`)
        over(isDone)
      }
      follow('sign-out', line.signOut({ outbox: fate }), settled(true), settled(false))
    },
    send({ key, channel, lane, kind, priority, ttl }) {
      records.outbox({ fact: 'sent', tab: who, key, lane: `${person ?? ''}${lane}`, kind })
      const payload = { key, lane, ...(person && { by: person }) }
      const endsAt = records.now() + (ttl ?? Infinity)
      const options = {
        key,
        lane,
        ...(priority !== undefined && { priority }),
        ...(ttl !== undefined && { ttl }),
      }
      const { stored, done } =
        kind === 'poison'
          ? line.send<{ id: string } | undefined>('forbidden', payload, options)
          : (line.channel(channel).publish(payload, options) as Delivery<Published | undefined>)
      follow(
        `stored of ${key}`,
        stored,
        () => records.outbox({ fact: 'stored', tab: who, key }),
        ({ code }) => records.outbox({ fact: 'not-stored', tab: who, key, code }),
      )
      follow(
        `done of ${key}`,
        done,
        (result) => {
          if (result) return records.outbox({ fact: 'acked', tab: who, key, id: result.id })
          records.complain({ promise: 'P5', what: 'no-result', why: `${key} in ${who}` })
        },
        ({ code, details }) => {
          records.outbox({ fact: 'failed', tab: who, key, code, wasSent: 'sent' in details })
          if ('by' in details && details.by === 'overflow')
            records.complain({ promise: 'P5', what: 'dropped', why: `${key}, to make room` })
          if (code === 'expired' && !records.isClockDoubtful && records.now() < endsAt - CLOCK_MS)
            records.complain({ promise: 'P5', what: 'expired-early', why: `${key} in ${who}` })
        },
      )
    },
    ask(what, timeout) {
      const asked = line.request('echo', what, { timeout })
      follow(
        `answer to ${what}`,
        asked,
        (answer) => {
          if (answer === what) return
          records.complain({ promise: 'P12', what: 'false-answer', why: `${answer} to ${what}` })
        },
        () => {},
      )
    },
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
      subscriptions.set(name, { face, isPlaced: false })
      if (hasSnapshot && from === 'now') owed.add(name)
    },
    consume({ channel, consumer, takesMs, fails }) {
      const say = (turn: Turn): void =>
        records.inbox({ ...turn, tab: who, channel: `${home}${channel}`, consumer })
      consumed.add(channel)
      say({ fact: 'consuming' })
      line.channel<unknown>(channel).consume(
        consumer,
        async (payload, { cursor, attempt }) => {
          const event = { id: nameOf(cursor), payload, attempt }
          say({ fact: 'begun', ...event })
          busy.add(event.id)
          if (takesMs) await tab.wait(takesMs)
          const isBad = event.id.endsWith('5') && attempt <= fails
          busy.delete(event.id)
          say({ fact: isBad ? 'failed' : 'done', ...event })
          if (isBad) throw new Error('failed, as planned')
        },
        {
          maxAttempts: ATTEMPTS_MAX,
          onGap: ({ reason, cursor }) => say({ fact: 'skipped', reason, id: nameOf(cursor) }),
        },
      )
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
    discard() {
      const key = line.outbox.value.filter(({ state }) => state !== 'failed').at(-1)?.key
      if (key === undefined) return
      records.outbox({ fact: 'discard-asked', tab: who, key })
      void line.outbox.discard(key)
    },
    look() {
      for (const [name, own] of subscriptions) {
        const { cursor } = own.face
        if (own.isPlaced || !cursor) continue
        own.isPlaced = true
        records.inbox({ fact: 'placed', tab: who, subscription: name, id: nameOf(cursor) })
      }
    },
    consumed,
    *work() {
      for (const id of busy) yield `${who} works on ${id}`
      for (const name of owed) yield `${name} waits for a snapshot in ${who}`
    },
    pending: () => [...promises],
  }
}
