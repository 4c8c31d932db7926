/** What must compile and what must not; `tsc -b` is the judge, running it proves nothing more. */
import { describe, expectTypeOf, it } from 'vitest'
import type { Cursor, EventId, Key } from '../protocol/ids.js'
import type { OutboxEntry } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type { ConnectOptions, Delivery, Line, Published, Subscription } from './api.js'
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
  channel.subscribe((payload, event) => {
    expectTypeOf(payload).toEqualTypeOf<Moved>()
    expectTypeOf(event.id).toEqualTypeOf<EventId>()
    expectTypeOf(event.cursor).toEqualTypeOf<Cursor>()
  })
  for (const after of ['7', cursor]) channel.subscribe(() => {}, { from: { after } })
  line.channel('any').subscribe((payload) => expectTypeOf(payload).toEqualTypeOf<unknown>())
  connect({ url: '/line', worker: ({ name, type }) => new SharedWorker('w.js', { name, type }) })
  connect({ url: '/line', closeCodes: { 4123: 'fatal' }, outbox: { operations: 10 } })
  connect({ url: '/line', auth: async () => undefined, identity: undefined })

  // @ts-expect-error a line has an address
  connect({})
  // @ts-expect-error misspelt
  connect({ url: '/line', identitty: 'ann' })
  // @ts-expect-error there is no such verdict
  connect({ url: '/line', closeCodes: { 4123: 'stop' } })
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

describe('the types of the page client', () => {
  it('say what an app may do', () => {
    expectTypeOf(uses).toBeFunction()
    expectTypeOf<Line['status']>().toEqualTypeOf<Readable<Status>>()
    expectTypeOf<Line['outbox']['value']>().toEqualTypeOf<readonly OutboxEntry[]>()
    expectTypeOf<Line>().toExtend<Disposable>()
    expectTypeOf<Subscription>().toExtend<Disposable>()
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
