/** Requests, signals, presence and history, from the port to the wire and back. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Cursor } from '../protocol/ids.js'
import type { From } from '../protocol/port.js'
import { createPorts } from './ports.js'

let ports: ReturnType<typeof createPorts>
type Tab = Awaited<ReturnType<typeof ports.openTab>>

afterEach(() => ports.close())

async function online(tabs = 1, welcome = {}): Promise<[Tab, ...Tab[]]> {
  ports = createPorts()
  const opened: Tab[] = []
  for (let i = 0; i < tabs; i++) opened.push(await ports.openTab())
  await ports.welcome(welcome)
  return opened as [Tab, ...Tab[]]
}

const at = (id: string): Cursor => ({ epoch: 'e1', id }) as Cursor

it('a hello says what this broker understands', async () => {
  await online()
  expect(ports.server.latest.bodies('hello')[0]?.features).toEqual([
    'pages',
    'requests',
    'signals',
    'presence',
  ])
  expect(ports.server.latest.bodies('hello')[0]).not.toHaveProperty('presence')
})

describe('a request', () => {
  it('is answered to the tab that asked, and to no other', async () => {
    const [one, two] = await online(2)
    const asked = [one.request(), two?.request({ payload: '2' })]
    await ports.quiet()
    const sent = ports.server.latest.bodies('request')
    expect(sent.map(({ payload }) => payload)).toEqual([undefined, '2'])
    const [first, second] = sent.map(({ id }) => id)
    expect(first).not.toBe(second)
    await ports.server.latest.say(['response', { id: second ?? 0, result: '"two"' }])
    await ports.quiet()
    expect(asked.map((own) => own?.reply)).toEqual([undefined, { ok: true, result: '"two"' }])
    await ports.server.latest.say(['response', { id: first ?? 0, error: { code: 'failed' } }])
    await ports.quiet()
    expect(asked[0]?.reply).toMatchObject({ error: { code: 'failed' } })
  })

  it('[P12] is interrupted by a cut, and refused at once until the line is back', async () => {
    const [tab] = await online()
    const lost = tab.request()
    await ports.quiet()
    const old = ports.server.latest
    await old.cut()
    const offline = tab.request()
    await ports.quiet()
    expect(lost.reply).toMatchObject({ error: { code: 'interrupted' } })
    expect(offline.reply).toMatchObject({ error: { code: 'offline' } })
    await ports.advance(1_000)
    expect(ports.server.latest).not.toBe(old)
    const early = tab.request()
    await ports.quiet()
    expect(early.reply).toMatchObject({ error: { code: 'offline' } })
    await ports.welcome()
    const late = tab.request()
    await ports.quiet()
    await ports.server.latest.say(['response', { id: 1, result: '"of the old one"' }])
    expect(late.reply).toBeUndefined()
  })

  it('times out by the clock of the worker, and can be cancelled', async () => {
    const [tab] = await online()
    const slow = tab.request({ timeout: 200 })
    const unwanted = tab.request()
    await ports.quiet()
    void tab.line.cancel(unwanted.id)
    await ports.advance(200)
    expect(slow.reply).toMatchObject({ error: { code: 'timeout', details: { ms: 200 } } })
    expect(unwanted.reply).toMatchObject({ error: { code: 'aborted' } })
    const ids = ports.server.latest.bodies('request').map(({ id }) => id)
    expect(new Set(ports.server.latest.bodies('cancel').map(({ id }) => id))).toEqual(new Set(ids))
  })

  it('[P12][F14] of a tab that has died is cancelled at the server', async () => {
    const [tab] = await online(2)
    tab.request()
    await ports.quiet()
    tab.kill()
    await ports.quiet()
    expect(ports.server.latest.bodies('cancel')).toEqual([{ id: 1 }])
  })

  it('is not sent to a server that takes none', async () => {
    const [tab] = await online(1, { features: [] })
    const asked = tab.request()
    await ports.quiet()
    expect(asked.reply).toMatchObject({ error: { code: 'unsupported' } })
    expect(ports.server.latest.bodies('request')).toEqual([])
  })

  it('[P13] of an identity that signs out gets an answer', async () => {
    const [tab] = await online()
    const asked = tab.request()
    await ports.quiet()
    void tab.line.signOut('discard')
    await ports.advance(100)
    expect(asked.reply).toMatchObject({ error: { code: 'signed-out' } })
    const after = tab.request()
    await ports.quiet()
    expect(after.reply).toMatchObject({ error: { code: 'signed-out' } })
  })
})

describe('a signal', () => {
  it('reaches the other tabs and the server, and what others say reaches all', async () => {
    const [one, two, three] = await online(3)
    for (const tab of [one, two]) void tab?.line.listen('board', true)
    await ports.quiet()
    void one.line.signal('board', '"typing"')
    await ports.quiet()
    expect(ports.server.latest.bodies('signal')).toEqual([
      { channel: 'board', payload: '"typing"' },
    ])
    const said = { kind: 'signal', channel: 'board', payload: '"typing"', member: 'me' }
    expect([one, two, three].map((tab) => tab?.told('signal'))).toEqual([[], [said], []])
    await ports.server.latest.say(['signal', { channel: 'board', member: 'm2', payload: '1' }])
    await ports.quiet()
    for (const tab of [one, two]) expect(tab?.told('signal').at(-1)?.member).toBe('m2')
    expect(three?.told('signal')).toEqual([])
  })

  it("is heard by whoever reads no events: the channel is open for it, and its events are nobody's", async () => {
    ports = createPorts()
    const tab = await ports.openTab({ listening: ['board'] })
    await ports.welcome()
    expect(ports.server.latest.bodies('hello')[0]?.channels).toEqual([{ channel: 'board' }])
    const events = [['1', '1']]
    await ports.server.latest.say([
      'events',
      { channel: 'board', epoch: 'e1', after: '0', events } as never,
    ])
    await ports.advance(200)
    expect(tab.told('events')).toEqual([])
    expect(ports.server.latest.bodies('credit')).toEqual([{ events: 1 }])
    void tab.line.listen('board', false)
    await ports.quiet()
    await ports.advance(5_000)
    expect(ports.server.latest.bodies('unsubscribe')).toEqual([{ channel: 'board' }])
  })

  it('[F46] that names no channel costs nobody the line', async () => {
    const [tab] = await online()
    void tab.line.signal('', '1')
    void tab.line.listen('', true)
    void tab.line.presence('x'.repeat(257), { watch: true })
    void tab.line.presence('board', { watch: true, state: 'x'.repeat(5_000) })
    await ports.advance(6_000)
    expect(ports.server.latest.frames.map(([type]) => type)).toEqual(['hello'])
  })
})

describe('presence', () => {
  it('is one member for all tabs, and ends with the last of them', async () => {
    const [one, two] = await online(2)
    void one.line.presence('board', { watch: true, state: '1' })
    await ports.advance(100)
    void two?.line.presence('board', { watch: false, state: '2' })
    await ports.advance(100)
    await ports.server.latest.say([
      'presence',
      { channel: 'board', whole: true, members: [{ member: 'me', state: '2' }], left: [] },
    ])
    await ports.quiet()
    expect(one.told('presence')).toEqual([
      {
        kind: 'presence',
        channel: 'board',
        whole: true,
        members: [{ member: 'me', state: '2', isSelf: true }],
        left: [],
      },
    ])
    expect(two?.told('presence')).toEqual([])
    two?.kill()
    await ports.advance(100)
    void one.line.goodbye()
    await ports.advance(100)
    expect(ports.server.latest.bodies('presence')).toEqual([
      { channel: 'board', watch: true, state: '1' },
      { channel: 'board', watch: true, state: '2' },
      { channel: 'board', watch: true, state: '1' },
      { channel: 'board', watch: false },
    ])
  })

  it('[P13] ends at once when its identity signs out', async () => {
    const [tab] = await online()
    void tab.line.presence('board', { watch: false, state: '1' })
    await ports.advance(100)
    const { latest } = ports.server
    const before = latest.bodies('presence').length
    void tab.line.signOut('keep')
    await ports.advance(100)
    expect(latest.bodies('presence').slice(before)).toEqual([{ channel: 'board', watch: false }])
    expect(latest.closedByClient).toBe(1000)
  })

  it('is set again with the hello of the next connection', async () => {
    ports = createPorts()
    const tab = await ports.openTab({ presence: [['board', { watch: true, state: '1' }]] })
    await ports.welcome()
    const wish = { channel: 'board', watch: true, state: '1' }
    expect(ports.server.latest.bodies('hello')[0]?.presence).toEqual([wish])
    const member = (name: string) => ({ member: name, state: '1' })
    const whole = (...names: string[]) =>
      ports.server.latest.say([
        'presence',
        { channel: 'board', whole: true, members: names.map(member), left: [] },
      ])
    await whole('me', 'm2')
    await ports.server.latest.cut()
    await ports.advance(1_000)
    expect(tab.told('presence')).toHaveLength(1)
    await ports.welcome({ member: 'me' })
    expect(ports.server.latest.bodies('hello')[0]?.presence).toEqual([wish])
    expect(ports.server.latest.bodies('presence')).toEqual([])
    await whole('me')
    await ports.quiet()
    expect(tab.told('presence').map(({ members }) => members.map((one) => one.member))).toEqual([
      ['me', 'm2'],
      ['me'],
    ])
  })
})

it('[F18][F46] a subscription from a place that is none costs nobody the line', async () => {
  const [tab] = await online()
  const places = [
    { after: { id: '5', epoch: 7 } },
    { after: { id: 5 } },
    { after: { id: '5', epoch: 'e'.repeat(10_000) } },
    {},
    'yesterday',
    null,
  ] as unknown as From[]
  for (const [id, from] of places.entries()) {
    await tab.line.subscribe({ id, channel: `news/${id}`, from })
  }
  await ports.advance(100)
  expect(tab.told('denied').map(({ subscriptions: [id], error }) => [id, error.code])).toEqual(
    places.map((_, id) => [id, 'bad-option']),
  )
  expect(ports.server.latest.bodies('subscribe')).toEqual([])
})

describe('a late tab', () => {
  it('[P6] is served by pages, one after the other, and then with everybody', async () => {
    const [steady] = await online()
    void steady.line.subscribe({ id: 1, channel: 'news', from: 'now' })
    await ports.quiet()
    await ports.server.latest.say(['subscribed', { channel: 'news', state: 'ok', ...at('4') }])
    const late = await ports.openTab({
      subscriptions: [{ id: 9, channel: 'news', from: { after: at('1') } }],
    })
    expect(ports.server.latest.bodies('fetch')).toEqual([
      { id: 1, channel: 'news', cursor: at('1') },
    ])
    const page = (id: number, after: string, ids: string[], more: boolean) => {
      const events = ids.map((one) => [one, `"${one}"`])
      return ports.server.latest.say([
        'page',
        { id, state: 'events', epoch: 'e1', after, events, more } as never,
      ])
    }
    await page(1, '1', ['2', '3'], true)
    await ports.quiet()
    expect(ports.server.latest.bodies('fetch').at(-1)).toEqual({
      id: 2,
      channel: 'news',
      cursor: at('3'),
    })
    await page(2, '3', ['4'], false)
    const events = { channel: 'news', epoch: 'e1', after: '4', events: [['5', '"5"']] }
    await ports.server.latest.say(['events', events as never])
    await ports.quiet()
    expect(late.told('events').flatMap(({ ids }) => ids)).toEqual(['2', '3', '4', '5'])
    expect(late.told('gap')).toEqual([])
    expect(steady.told('events').flatMap(({ ids }) => ids)).toEqual(['5'])
    expect(ports.server.latest.bodies('fetch')).toHaveLength(2)
  })

  it('is told of a gap by a broker whose server has no pages', async () => {
    const [steady] = await online(1, { features: [] })
    void steady.line.subscribe({ id: 1, channel: 'news', from: 'now' })
    await ports.quiet()
    await ports.server.latest.say(['subscribed', { channel: 'news', state: 'ok', ...at('4') }])
    const late = await ports.openTab({
      subscriptions: [{ id: 9, channel: 'news', from: { after: at('1') } }],
    })
    expect(late.told('gap')).toMatchObject([{ reason: 'trimmed', cursor: at('4') }])
    expect(ports.server.latest.bodies('fetch')).toEqual([])
  })
})

it('[P12] a tab that says hello again begins anew with all of it', async () => {
  const [one, two] = await online(2)
  void one.line.listen('board', true)
  void one.line.presence('board', { watch: true, state: '1' })
  await ports.advance(100)
  await one.greet()
  void two?.line.signal('board', '1')
  await ports.advance(100)
  expect(one.told('signal')).toEqual([])
  expect(ports.server.latest.bodies('presence').at(-1)).toEqual({ channel: 'board', watch: false })
  await one.greet({ listening: ['board'], presence: [['board', { watch: true, state: '1' }]] })
  void two?.line.signal('board', '2')
  await ports.advance(100)
  expect(one.told('signal').map(({ payload }) => payload)).toEqual(['2'])
  expect(ports.server.latest.bodies('presence').at(-1)).toMatchObject({ watch: true, state: '1' })
})
