/** A page client whole, over a real port, with a broker that answers when the test says so. */
import { expose, wrap } from 'comlink'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import type { Cursor, InstanceId } from '../protocol/ids.js'
import type { Hello, News, ParkedEvent, TabSurface } from '../protocol/port.js'
import { VERSION } from '../protocol/version.js'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { ConnectOptions, Member } from './api.js'
import { open } from './connect.js'
import { openPort, type PageEvents } from './environment.js'
import { quietly } from './resolvers.js'

interface Attached extends FakeBroker {
  readonly hello: Hello
  /** Resolves when the page has confirmed. */
  tell(...news: News[]): Promise<void>
}

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

/** Ports deliver in macrotasks; a channel of our own tells when theirs are empty. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const { port1, port2 } = new MessageChannel()
    await new Promise<void>((resolve) => {
      port2.onmessage = () => resolve()
      port1.postMessage(0)
    })
    port1.close()
    port2.close()
    await settled()
  }
}

async function openPage(options: Partial<ConnectOptions> = {}) {
  const clock = createVirtualClock()
  const brokers: Attached[] = []
  const errors: unknown[] = []
  let events = {} as PageEvents
  const line = open(
    { url: '/line', onError: ({ code }) => errors.push(code), ...options },
    {
      ...clock,
      version: VERSION,
      baseUrl: 'https://app.example/',
      openWorker() {
        const { port1, port2 } = new MessageChannel()
        ports.push(port1, port2)
        const broker = createFakeBroker()
        const instance = `i${brokers.length}` as InstanceId
        const page = wrap<TabSurface>(port2)
        const hello = async (words: Hello) => {
          const tell = async (...news: News[]): Promise<void> => page.take({ instance, news })
          brokers.push({ ...broker, hello: words, tell })
          return { ok: true, instance } as const
        }
        expose({ ...broker.remote, hello }, port2)
        return { port: port1, addEventListener() {} }
      },
      holdLock: null,
      whenLockFree: null,
      heldLocks: null,
      freeLock: null,
      openDedicated: null,
      openPort,
      openBroadcast: null,
      queueForLock: null,
      boat: null,
      registerSync: async () => {},
      random: Math.random,
      listen(given) {
        events = given
        return () => {}
      },
      report: (error) => errors.push(error),
    },
  )
  await quiet()
  const broker = (): Attached => brokers.at(-1) as Attached
  return { line, clock, errors, events, broker }
}

const at = (id: string) => ({ epoch: 'e1', id }) as Cursor
const position = (id: string, of = 1): News => ({
  kind: 'position',
  subscriptions: [of],
  cursor: at(id),
})
const event = (id: string, payload: string, of = 1): News => ({
  kind: 'events',
  subscriptions: [of],
  channel: 'news',
  epoch: at('').epoch,
  ids: [at(id).id],
  payloads: payload,
})
const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch(({ code }) => code)

describe('a page', () => {
  it('[P12] says to every broker all that it wants', async () => {
    const { line, events, broker } = await openPage()
    const channel = line.channel('news')
    channel.subscribe(() => {})
    channel.consume('mine', () => {})
    channel.onSignal(() => {})
    channel.presence.set('here')
    events.hidden()
    events.shown()
    await quiet()
    expect(broker().hello).toMatchObject({
      subscriptions: [{ id: 1, channel: 'news', from: 'now' }],
      consumptions: [{ id: 2, channel: 'news', name: 'mine', maxAttempts: 5, timeout: 30_000 }],
      isVisible: true,
      listening: ['news'],
      presence: [['news', { watch: false, state: '"here"' }]],
    })
    line.close()
  })

  it('[P12] has its request answered by the first broker that answers', async () => {
    const { line, broker } = await openPage()
    const reply = line.request('list', { open: true }, { channel: 'news', timeout: 500 })
    await quiet()
    expect(broker().requests).toMatchObject([
      { type: 'list', payload: '{"open":true}', channel: 'news' },
    ])
    await broker().answerRequest(1, { ok: true, result: '[1]' })
    expect(await reply).toEqual([1])
    line.close()
  })

  it('[P12][F14] lets no request hang, whatever becomes of it', async () => {
    const { line, events, broker } = await openPage()
    const cached = codeOf(line.request('list'))
    await quiet()
    events.hidden()
    expect(await cached).toBe('interrupted')
    events.shown()
    await quiet()
    const left = codeOf(line.request('list'))
    await quiet()
    expect(broker().requests).toHaveLength(1)
    line.close()
    expect(await left).toBe('closed')
    expect(await codeOf(line.request('list'))).toBe('closed')
  })

  it('[F46] has its request rejected when the answer is not JSON', async () => {
    const { line, broker } = await openPage()
    const reply = codeOf(line.request('list'))
    await quiet()
    await broker().answerRequest(1, { ok: true, result: '{' })
    expect(await reply).toBe('invalid')
    line.close()
  })

  it('refuses a mistake by rejecting', async () => {
    const { line } = await openPage()
    expect(await codeOf(line.request('list', 1n))).toBe('not-json')
    expect(await codeOf(line.request('list', 1, { timeout: 0 }))).toBe('bad-option')
    line.close()
  })

  it('[P6] moves a subscription before it leaves the old one', async () => {
    const { line, broker } = await openPage()
    const states: unknown[] = []
    const channel = line.channel('news')
    expect(() =>
      channel.subscribe(() => {}, { snapshot: async () => ({ state: 1, at: '7' }) }),
    ).toThrow(expect.objectContaining({ code: 'bad-option' }))
    channel.subscribe(() => {}, {
      snapshot: async () => ({ state: 'S', at: '7' }),
      onSnapshot: (state) => states.push(state),
    })
    await broker().tell(position('3'))
    await quiet()
    expect(states).toEqual(['S'])
    expect(broker().calls).toEqual([
      ['subscribe', { id: 1, channel: 'news', from: 'now', isUnheard: true }],
      ['subscribe', { id: 2, channel: 'news', from: { after: { id: '7' } } }],
      ['unsubscribe', 1],
    ])
    line.close()
  })

  it('[P6][P7] falls silent before it confirms what has taken its state away', async () => {
    const { line, broker } = await openPage()
    line.channel('news').subscribe(() => {}, {
      from: { after: at('3') },
      snapshot: () => new Promise<never>(() => {}),
      onSnapshot() {},
    })
    const cursor = at('90')
    await broker().tell({
      kind: 'gap',
      subscriptions: [1],
      channel: 'news',
      reason: 'slow',
      cursor,
    })
    // In the order of the port, and with no time in between.
    expect(broker().calls.slice(1)).toEqual([['hush', 1]])
    line.close()
  })

  it('[P8][G89] handles an event while others wait, and says so to the broker that offered it', async () => {
    const { line, broker, clock, events } = await openPage()
    const finish: (() => void)[] = []
    const channel = line.channel('news')
    channel.subscribe(() => {})
    const consumption = channel.consume('mine', () => new Promise<void>((end) => finish.push(end)))
    await quiet()
    expect(broker().calls).toContainEqual([
      'consume',
      { id: 2, channel: 'news', name: 'mine', maxAttempts: 5, timeout: 30_000 },
    ])
    const offer = (id: string): News => ({
      kind: 'consume',
      consumption: 2,
      cursor: at(id),
      payload: '1',
      attempt: 1,
      offeredAt: clock.wall(),
    })
    const handled = () => broker().calls.filter(([name]) => name === 'handled')
    // It is begun when this resolves, and not done.
    await broker().tell(position('0'), offer('1'), event('1', '1'))
    expect([finish.length, handled()]).toEqual([1, []])
    finish[0]?.()
    await quiet()
    expect(handled()).toEqual([['handled', 2, 1, '1', undefined]])
    await broker().tell(offer('2'))
    events.hidden()
    events.shown()
    await quiet()
    finish[1]?.()
    await quiet()
    expect(handled()).toEqual([])
    consumption.stop()
    await quiet()
    expect(broker().calls).toEqual([['stopConsuming', 2]])
    line.close()
  })

  it('refuses a mistake in what it subscribes to or consumes', async () => {
    const { line, broker } = await openPage()
    const channel = line.channel('news')
    const handler = (): void => {}
    const mistakes: (() => unknown)[] = [
      () => channel.consume(handler as never, handler),
      () => channel.consume('mine', undefined as never),
      () => channel.consume('mine', handler, { maxAttempts: 0 }),
      () => channel.consume('mine', handler, { maxAttempts: 1.5 }),
      () => channel.consume('mine', handler, { timeout: 0.5 }),
      () => channel.consume('mine', handler, { timeout: 2 ** 31 }),
      () => channel.consume('mine', handler, { signal: new AbortController() as never }),
      () => channel.consume('mine', handler, { from: 'last' } as never),
      () => channel.subscribe(undefined as never),
      () => channel.subscribe(handler, { signal: new AbortController() as never }),
      () => channel.subscribe(handler, { history: 0 }),
      () => channel.subscribe(handler, { history: 1_001 }),
      () => channel.subscribe(handler, { history: 5, from: 'now' }),
      () => channel.subscribe(handler, { history: 5, from: { after: '7' } }),
    ]
    for (const mistake of mistakes) {
      expect(mistake).toThrow(expect.objectContaining({ code: 'bad-option' }))
    }
    channel.subscribe(handler, { history: 1_000, from: 'last' })
    await quiet()
    const wanted = { id: 1, channel: 'news', from: 'last', history: 1_000 }
    expect(broker().calls).toEqual([['subscribe', wanted]])
    line.close()
    expect(() => channel.consume('mine', handler)).toThrow(
      expect.objectContaining({ code: 'closed' }),
    )
  })

  it('says whether somebody sees it, at once and to every broker', async () => {
    const { line, events, broker } = await openPage()
    events.concealed()
    await quiet()
    expect(broker().calls).toEqual([['visible', false]])
    events.hidden()
    events.shown()
    await quiet()
    expect(broker().hello.isVisible).toBe(false)
    events.visible()
    await quiet()
    expect(broker().calls).toEqual([
      ['visible', true],
      ['suspect', 'visible'],
    ])
    line.close()
  })

  it('[P13] shows nothing more of an identity that has been signed out', async () => {
    const { line, broker } = await openPage({ identity: 'ann' })
    const heard: unknown[] = []
    const lists: (readonly Member[])[] = []
    const channel = line.channel('news')
    channel.onSignal((payload) => heard.push(payload))
    channel.presence.subscribe((members) => lists.push(members))
    const members = [{ member: 'm', state: '1', isSelf: true }]
    const signal: News = { kind: 'signal', channel: 'news', payload: '1' }
    const reply = codeOf(line.request('list'))
    const parked: ParkedEvent = {
      key: 'k',
      n: 1,
      channel: 'news',
      name: 'mine',
      cursor: at('1'),
      payload: '1',
      error: errorOf('failed'),
      attempts: 5,
      at: 0,
    }
    const counts: number[] = []
    line.parked.subscribe((events) => counts.push(events.length))
    // Nobody confirms: with the last word the port is closed.
    void broker().tell(
      { kind: 'presence', channel: 'news', whole: true, members, left: [] },
      { kind: 'parked', whole: true, put: [parked], removed: [] },
      signal,
      { kind: 'signed-out' },
      signal,
    )
    await quiet()
    expect([heard, lists.map((list) => list.length)]).toEqual([[1], [0, 1, 0]])
    expect(counts).toEqual([0, 1, 0])
    expect(await reply).toBe('signed-out')
    expect(() => channel.signal(1)).toThrow(expect.objectContaining({ code: 'signed-out' }))
  })
})

describe('a page with validators', () => {
  const WORD = v.pipe(v.string(), v.minLength(2), v.toUpperCase())
  const schemas = {
    channels: { 'ne*': WORD },
    operations: { say: { payload: WORD, result: WORD } },
    requests: { ask: { payload: WORD, result: WORD } },
  }

  it('[G58] refuses what goes out, and sends what was given', async () => {
    const { line, broker } = await openPage({ schemas })
    const invalid = expect.objectContaining({ code: 'invalid' })
    expect(() => line.send('say', 'a')).toThrow(invalid)
    expect(() => line.channel('news').publish('a')).toThrow(invalid)
    expect(await codeOf(line.request('ask', 'a'))).toBe('invalid')
    line.send('say', 'hi')
    line.channel('news').publish('hi')
    line.channel('other').publish('a')
    await quiet()
    expect(broker().sent.map(({ payload }) => payload)).toEqual(['"hi"', '"hi"', '"a"'])
    line.close()
  })

  it('[P6][G58] refuses what comes in, hands on the rest as it was changed', async () => {
    const { line, broker, errors } = await openPage({ schemas })
    const seen: unknown[] = []
    line.channel('news').subscribe((payload) => seen.push(payload))
    await broker().tell(position('0'), event('1', '"a"'), event('2', '"hi"'))
    expect([seen, errors]).toEqual([['HI'], ['bad-event']])
    const delivery = line.send('say', 'hi')
    const [good, bad] = [line.request('ask', 'hi'), codeOf(line.request('ask', 'hi'))]
    await quiet()
    const { key } = delivery
    await broker().tell({ kind: 'outcomes', outcomes: [{ key, outcome: 'acked', result: '"ok"' }] })
    expect(await delivery.done).toBe('OK')
    await broker().answerRequest(1, { ok: true, result: '"ok"' })
    await broker().answerRequest(2, { ok: true })
    expect([await good, await bad]).toEqual(['OK', 'invalid'])
    line.close()
  })

  it('[P14] confirms events when a validator that takes its time has seen them', async () => {
    const answer = quietly<unknown>()
    const slow = v.pipeAsync(
      v.string(),
      v.checkAsync(() => answer.promise.then(() => true)),
    )
    const { line, broker } = await openPage({ schemas: { channels: { news: slow } } })
    const seen: unknown[] = []
    let isConfirmed = false
    line.channel('news').subscribe((payload) => seen.push(payload))
    const confirmed = broker()
      .tell(position('0'), event('1', '"a"'))
      .then(() => {
        isConfirmed = true
      })
    await quiet()
    expect([seen, isConfirmed]).toEqual([[], false])
    answer.resolve(true)
    await confirmed
    expect(seen).toEqual(['a'])
    line.close()
  })

  it('[P5][P12][G59] tells the sender what a late refusal or the end of the line means', async () => {
    const later = v.pipeAsync(
      v.string(),
      v.checkAsync(async (word) => word !== 'no'),
    )
    const { line, broker } = await openPage({
      schemas: { operations: { say: { payload: later } } },
    })
    const refused = line.send('say', 'no')
    expect([await codeOf(refused.stored), await codeOf(refused.done)]).toEqual(
      Array(2).fill('invalid'),
    )
    const late = line.send('say', 'yes')
    line.close()
    expect(await codeOf(late.done)).toBe('closed')
    expect(broker().sent).toEqual([])
  })
})
