/** What must compile and what must not; `tsc -b` is the judge, running it proves nothing more. */
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import type { Cursor, EventId, Key } from '../protocol/ids.js'
import type { OutboxEntry, ParkedEvent } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type {
  Channel,
  ConnectOptions,
  Consumption,
  Delivery,
  EventInfo,
  Gap,
  Line,
  Member,
  Presence,
  Published,
  Subscription,
} from './api.js'
import type { AppOf, Untyped } from './app-types.js'
import type { connect as typedConnect } from './connect.js'
import type { Readable } from './readable.js'

interface Moved {
  readonly card: string
}

/** Never called: its body is only read by the compiler. */
function uses(line: Line, key: Key, cursor: Cursor, connect: (options: ConnectOptions) => Line) {
  const channel = line.channel<Moved>('board/7')
  expectTypeOf(channel.publish({ card: 'a' })).toEqualTypeOf<Delivery<Published>>()
  expectTypeOf(line.send<number>('count').done).toEqualTypeOf<Promise<number>>()
  expectTypeOf(line.send('count')).toEqualTypeOf<Delivery<unknown>>()
  expectTypeOf(line.outbox.retry(key)).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf(line.outbox.discard(key)).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf(line.outbox.retryAll()).toEqualTypeOf<Promise<number>>()
  expectTypeOf(line.signOut({ outbox: 'keep' })).toEqualTypeOf<Promise<void>>()
  const { signal } = new AbortController()
  const options = { lane: 'l', key: 'k', priority: -1, ttl: 500, maxAttempts: 3, signal }
  expectTypeOf(channel.publish({ card: 'a' }, options)).toEqualTypeOf<Delivery<Published>>()
  line.send('count', 1, { lane: undefined, ttl: undefined, signal: undefined })
  channel.subscribe((payload, event) => {
    expectTypeOf(payload).toEqualTypeOf<Moved>()
    expectTypeOf(event.id).toEqualTypeOf<EventId>()
    expectTypeOf(event.cursor).toEqualTypeOf<Cursor>()
  })
  for (const after of ['7', cursor]) channel.subscribe(() => {}, { from: { after } })
  line.channel('any').subscribe((payload) => expectTypeOf(payload).toEqualTypeOf<unknown>())
  connect({ url: '/line', worker: ({ name, type }) => new SharedWorker('w.js', { name, type }) })
  connect({ url: '/line', closeCodes: { 4123: 'fatal' }, outbox: { operations: 10 } })
  connect({ url: '/line', maxAttempts: 5, pauseHidden: 60_000, healthUrl: new URL('https://a.b') })
  connect({ url: '/line', outbox: { overflow: 'drop-oldest' }, background: false })
  connect({ url: '/line', auth: async () => undefined, identity: undefined })

  // @ts-expect-error a line has an address
  connect({})
  // @ts-expect-error misspelt
  connect({ url: '/line', identitty: 'ann' })
  // @ts-expect-error there is no such verdict
  connect({ url: '/line', closeCodes: { 4123: 'stop' } })
  // @ts-expect-error there is no such overflow
  connect({ url: '/line', outbox: { overflow: 'drop-newest' } })
  // @ts-expect-error it asks for a sync or does not
  connect({ url: '/line', background: 'always' })
  // @ts-expect-error what becomes of the queue has to be said
  void line.signOut()
  // @ts-expect-error nothing else may become of it
  void line.signOut({ outbox: 'send' })
  // @ts-expect-error a time to live is a number
  line.send('count', 1, { ttl: '5s' })
  // @ts-expect-error not the controller
  line.send('count', 1, { signal: new AbortController() })
  // @ts-expect-error a token is a string or nothing
  connect({ url: '/line', auth: () => 7 })
  // @ts-expect-error the channel's payload is another
  channel.publish({ kard: 'a' })
  // @ts-expect-error the channel's payload is another
  channel.subscribe((payload: { kard: string }) => payload)
  // @ts-expect-error there is no such beginning
  channel.subscribe(() => {}, { from: 'yesterday' })
  // @ts-expect-error any string is not an operation's key
  void line.outbox.retry('key')
  // @ts-expect-error a page shows the status and does not make it
  line.status.set
}

function asks(line: Line, signal: AbortSignal) {
  expectTypeOf(line.request('list')).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(line.request<number>('count', { all: true }, { timeout: 5, signal })).toEqualTypeOf<
    Promise<number>
  >()
  const board = line.channel<Moved, { typing: boolean }, { name: string }>('board/7')
  expectTypeOf(board.onSignal(({ typing }) => typing)).toEqualTypeOf<() => void>()
  expectTypeOf(board.presence).toEqualTypeOf<Presence<{ name: string }>>()
  expectTypeOf(board.presence.value).toEqualTypeOf<readonly Member<{ name: string }>[]>()
  board.signal({ typing: true })
  board.presence.set({ name: 'Ann' })
  board.presence.set(undefined)
  board.subscribe(() => {}, {
    signal,
    snapshot: async ({ signal: inner }) => ({ state: [inner.aborted], at: '7' }),
    onSnapshot: (state) => expectTypeOf(state).toEqualTypeOf<boolean[]>(),
  })
  const untyped = line.channel('any')
  untyped.signal(7)
  untyped.presence.set('anything')

  // @ts-expect-error the channel's signals are others
  board.signal({ typing: 'yes' })
  // @ts-expect-error the channel's members show something else
  board.presence.set({ nom: 'Ann' })
  // @ts-expect-error who is there is not ours to say
  board.presence.value = []
  // @ts-expect-error nothing is kept
  void line.request('list', 1, { ttl: 5 })
  // @ts-expect-error a snapshot says what it is at
  board.subscribe(() => {}, { snapshot: async () => ({ state: 1 }) })
  board.subscribe(() => {}, {
    // @ts-expect-error what is fetched is not what is taken
    snapshot: async () => ({ state: 1, at: '7' }),
    onSnapshot: (state: string) => state,
  })
}

function consumes(line: Line, signal: AbortSignal) {
  const board = line.channel<Moved>('board/7')
  const options = { maxAttempts: 3, timeout: 5_000, onGap: ({ reason }: Gap) => reason, signal }
  const consumption = board.consume(
    'notifier',
    async (payload, event) => {
      expectTypeOf(payload).toEqualTypeOf<Moved>()
      expectTypeOf(event).toExtend<EventInfo>()
      expectTypeOf(event.attempt).toEqualTypeOf<number>()
      expectTypeOf(event.signal).toEqualTypeOf<AbortSignal>()
    },
    options,
  )
  expectTypeOf(consumption).toEqualTypeOf<Consumption>()
  board.subscribe(() => {}, { history: 20, from: 'last' })
  expectTypeOf(line.parked.value).toEqualTypeOf<readonly ParkedEvent[]>()
  expectTypeOf(line.parked.retry('key')).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf(line.parked.discard('key')).toEqualTypeOf<Promise<boolean>>()

  // @ts-expect-error a consumer has a name
  board.consume(() => {})
  // @ts-expect-error the channel's payload is another
  board.consume('notifier', (payload: { kard: string }) => payload)
  // @ts-expect-error a new name begins with what comes, and any other where it stands
  board.consume('notifier', () => {}, { from: 'last' })
  // @ts-expect-error a number of events
  board.subscribe(() => {}, { history: true })
}

interface App {
  channels: { 'board/*': Moved; 'board/archive': { closed: boolean }; news: string }
  operations: {
    'task.move': { payload: Moved; result: { column: string } }
    'task.clear': { result: number }
    'task.sort': { payload?: { by: string } }
  }
  requests: { 'task.list': { payload: { open: boolean }; result: Moved[] } }
  signals: { 'board/*': { typing: boolean } }
}

function typed(line: Line<App>, id: string, name: string) {
  expectTypeOf(line.channel('board/7')).toEqualTypeOf<
    Channel<Moved, { typing: boolean }, unknown>
  >()
  line.channel(`board/${id}`).publish({ card: 'a' })
  line.channel('board/archive').publish({ closed: true })
  line.channel('news').subscribe((text) => expectTypeOf(text).toEqualTypeOf<string>())
  line.channel('news').consume('reader', (text) => expectTypeOf(text).toEqualTypeOf<string>())
  line.channel('board/7').signal({ typing: true })
  const moved = line.send('task.move', { card: 'a' }, { ttl: 5 })
  expectTypeOf(moved).toEqualTypeOf<Delivery<{ column: string }>>()
  expectTypeOf(line.send('task.clear').done).toEqualTypeOf<Promise<number>>()
  line.send('task.clear', undefined, { priority: 1 })
  line.send('task.sort')
  line.send('task.sort', { by: 'name' })
  expectTypeOf(line.request('task.list', { open: true }, { timeout: 5 })).toEqualTypeOf<
    Promise<Moved[]>
  >()

  // @ts-expect-error there is no such channel
  line.channel('bord/7')
  // @ts-expect-error it may be any channel
  line.channel(name)
  // @ts-expect-error this channel carries something else
  line.channel('board/7').publish({ closed: true })
  // @ts-expect-error this channel carries something else
  line.channel('board/7').consume('reader', (text: string) => text)
  // @ts-expect-error no signals are said there
  line.channel('news').signal({ typing: true })
  // @ts-expect-error there is no such operation
  line.send('task.mov', { card: 'a' })
  // @ts-expect-error it needs a payload
  line.send('task.move')
  // @ts-expect-error it takes another payload
  line.send('task.move', { kard: 'a' })
  // @ts-expect-error it takes none
  line.send('task.clear', 7)
  // @ts-expect-error there is no such request
  void line.request('task.lists', { open: true })
  // @ts-expect-error it takes another payload
  void line.request('task.list', { open: 'yes' })
}

/** What is left out stays open, and a pattern may be a type of TypeScript's own. */
function partlyTyped(
  line: Line<{ channels: { [board: `board/${string}`]: Moved } }>,
  anything: (line: Line) => void,
) {
  expectTypeOf(line.channel('board/7')).toEqualTypeOf<Channel<Moved>>()
  line.send('whatever', 1)
  expectTypeOf(line.request<number>('count')).toEqualTypeOf<Promise<number>>()
  // @ts-expect-error there is no such channel
  line.channel('news')
  // @ts-expect-error a line that takes any name is asked for
  anything(line)
}

const MOVED = v.object({ card: v.string() })
const SCHEMAS = {
  channels: { 'board/*': MOVED },
  operations: { 'task.move': { payload: MOVED, result: v.object({ column: v.string() }) } },
  requests: { 'task.count': { result: v.number() } },
}

function checked(connect: typeof typedConnect) {
  const url = '/line'
  connect({ url, schemas: SCHEMAS })
  connect<App>({ url, schemas: { channels: { 'board/*': MOVED, news: v.string() } } })
  connect<App>({ url, schemas: { operations: { 'task.move': { payload: MOVED } } } })
  expectTypeOf(connect({ url })).toEqualTypeOf<Line<Untyped>>()
  const line = connect<AppOf<typeof SCHEMAS>>({ url, schemas: SCHEMAS })
  expectTypeOf(line.channel('board/7')).toEqualTypeOf<Channel<{ card: string }>>()
  expectTypeOf(line.send('task.move', { card: 'a' })).toEqualTypeOf<Delivery<{ column: string }>>()
  expectTypeOf(line.request('task.count')).toEqualTypeOf<Promise<number>>()

  // @ts-expect-error it lets another payload through
  connect<App>({ url, schemas: { channels: { news: MOVED } } })
  // @ts-expect-error there is no such channel
  connect<App>({ url, schemas: { channels: { gnus: v.string() } } })
  // @ts-expect-error what it takes is not what it returns, and both are the payload
  connect<App>({ url, schemas: { channels: { news: v.pipe(v.number(), v.transform(String)) } } })
  // @ts-expect-error a validator follows the Standard Schema
  connect({ url, schemas: { channels: { news: (text: string) => text } } })
  // @ts-expect-error there is no such kind
  connect({ url, schemas: { chanels: {} } })
}

describe('the types of the page client', () => {
  it('say what an app may do', () => {
    for (const use of [uses, asks, consumes, typed, partlyTyped, checked])
      expectTypeOf(use).toBeFunction()
    expectTypeOf<Line['status']>().toEqualTypeOf<Readable<Status>>()
    expectTypeOf<Line['outbox']['value']>().toEqualTypeOf<readonly OutboxEntry[]>()
    expectTypeOf<Line>().toExtend<Disposable>()
    expectTypeOf<Subscription>().toExtend<Disposable>()
    expectTypeOf<Consumption>().toExtend<Disposable>()
  })

  it('tell only what is true of each state', () => {
    expectTypeOf<Extract<Status, { state: 'reconnecting' }>>().toHaveProperty('retryAt')
    expectTypeOf<Extract<Status, { state: 'online' }>>().not.toHaveProperty('cause')
    expectTypeOf<Status>().toHaveProperty('queued')
  })

  it('keep names of different things apart', () => {
    expectTypeOf<EventId>().not.toExtend<Key>()
    expectTypeOf<EventId>().toExtend<string>()
    expectTypeOf<string>().not.toExtend<Key>()
  })
})
