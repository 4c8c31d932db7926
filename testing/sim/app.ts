/**
 * Owns the app in one tab: it sends and subscribes as it is told, and what it does and is told goes on
 * record for the judges. Its record is beyond the reach of any fault.
 */

import type { Turn } from '../../e2e/inbox-check/story.js'
import { ATTEMPTS_MAX } from '../../e2e/inbox-check/story.js'
import type { Kind } from '../../e2e/outbox-check/story.js'
import type { Delivery, Published } from '../../page-client/api.js'
import { type ErrorCode, PartylineError } from '../../protocol/errors.js'
import type { Fate, Person } from './people.js'
import { createReaders, nameOf, type Readers } from './readers.js'
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

export interface App extends User, Pick<Readers, 'subscribe' | 'stop' | 'areAt'> {
  readonly tab: SimTab
  /** Its person is being signed out, or is: it asks for nothing more. */
  readonly isLeaving: boolean
  /** It was this tab that asked for it. */
  readonly hasAsked: boolean
  readonly isSignedOut: boolean
  /** Says at last whether it is done. */
  signOut(fate: Fate, over: (isDone: boolean) => void): void
  send(sending: Sending): void
  /** Asks the server something, once. */
  ask(what: string, timeout: number): void
  /** Handles events; each takes so long, and those of the fifth kind fail so often. */
  consume(task: Task): void
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

/** Says that the disk does not work. */
const NO_DISK: readonly ErrorCode[] = ['no-storage', 'quota']

export function createApp(tab: SimTab, records: Records, user: User): App {
  const { home, person } = user
  const { line, name: who } = tab
  const readers = createReaders(tab, home, records)
  const promises = new Set<string>()
  const busy = new Set<string>()
  let isAsked = false
  const consumed = new Set<string>()

  /** There is one, and it has never failed. */
  const isDiskGood = (): boolean => !records.isDiskDoubtful && !records.isEachAlone

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
    get hasAsked() {
      return isAsked
    },
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
        ({ code }) => {
          records.outbox({ fact: 'not-stored', tab: who, key, code })
          if (NO_DISK.includes(code) && isDiskGood())
            records.complain({ promise: 'P2', what: 'given-up', why: `${code} in ${who}` })
        },
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
          // What is left of a life is a fraction, written down and added up again.
          if (code === 'expired' && !records.isClockDoubtful && endsAt - records.now() > 1)
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
    subscribe: readers.subscribe,
    consume({ channel, consumer, takesMs, fails }) {
      // Of two in one tab a death would count twice.
      if (consumed.has(channel)) return
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
    stop: readers.stop,
    areAt: readers.areAt,
    discard() {
      const key = line.outbox.value.filter(({ state }) => state !== 'failed').at(-1)?.key
      if (key === undefined) return
      records.outbox({ fact: 'discard-asked', tab: who, key })
      void line.outbox.discard(key)
    },
    look() {
      const { storage } = line.status.value
      if (storage === 'memory' && isDiskGood() && !records.complaints.length)
        records.complain({ promise: 'P2', what: 'given-up', why: `${who} says so` })
      readers.look()
    },
    consumed,
    *work() {
      for (const id of busy) yield `${who} works on ${id}`
      yield* readers.waiting()
    },
    pending: () => [...promises],
  }
}
