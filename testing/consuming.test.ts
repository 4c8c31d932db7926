/** Consumers, from the port to the wire and back: whose turn it is, and what every tab is told. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { EventId } from '../protocol/ids.js'
import type { Consumption, Hello } from '../protocol/port.js'
import { errorOf } from './fake-broker.js'
import { newsEvents } from './news.js'
import { createPorts } from './ports.js'

let ports: ReturnType<typeof createPorts>

afterEach(() => ports.close())

const wanted: Consumption = { id: 1, channel: 'news', name: 'c', maxAttempts: 2, timeout: 30_000 }
const INVALID: ErrorInfo = {
  code: 'invalid',
  details: { at: 'payload', issues: [] },
  message: 'Not valid.',
}
const event = (id: number): EventId => String(id) as EventId

/** Tabs that offer with their first words, online, and events in the channel. */
async function consuming(events: number, ...hellos: Partial<Hello>[]) {
  ports = createPorts()
  const tabs = []
  for (const hello of hellos) tabs.push(await ports.openTab({ consumptions: [wanted], ...hello }))
  await ports.welcome()
  if (events) await ports.server.latest.say(['events', newsEvents(1, events)])
  await ports.quiet()
  const [one, two = one] = tabs
  if (!one || !two) throw new Error('no tab')
  const offered = (tab: typeof one) =>
    tab.told('consume').map(({ cursor, attempt }) => [Number(cursor.id), attempt])
  return { one, two, offered }
}

const HIDDEN = { isVisible: false }

describe('[P8] an event to be consumed', () => {
  it('reaches one tab, and the next event comes when that one has answered', async () => {
    const { one, two, offered } = await consuming(2, {}, {})
    expect([offered(one), offered(two)]).toEqual([[[1, 1]], []])
    await one.line.handled(1, 1, event(1))
    await ports.quiet()
    expect([offered(one), offered(two)]).toEqual([
      [
        [1, 1],
        [2, 1],
      ],
      [],
    ])
  })

  it('[P12] goes on to the next tab in the moment in which the first one dies', async () => {
    const { one, two, offered } = await consuming(1, {}, {})
    one.kill()
    await ports.quiet()
    expect(offered(two)).toEqual([[1, 2]])
  })

  it('goes on to the next tab when the first one says goodbye, or stops', async () => {
    const { one, two, offered } = await consuming(1, {}, {})
    await one.line.stopConsuming(1)
    await ports.quiet()
    expect(offered(two)).toEqual([[1, 2]])
    await one.line.consume({ ...wanted, id: 2 })
    void two.line.goodbye()
    await ports.quiet()
    expect(offered(one)).toEqual([
      [1, 1],
      [1, 3],
    ])
  })

  it('says that its next failure is the last: handing it out has been none', async () => {
    const { one, two } = await consuming(1, {}, {})
    await one.line.stopConsuming(1)
    await ports.quiet()
    await two.line.handled(1, 2, event(1), errorOf('failed'))
    await ports.quiet()
    await ports.advance(1_000)
    const offers = [...one.told('consume'), ...two.told('consume')]
    expect(offers.map(({ attempt, isLast }) => [attempt, isLast])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, true],
    ])
  })

  it('goes to who is visible, as that changes', async () => {
    const { one, two, offered } = await consuming(2, HIDDEN, {})
    expect(offered(two)).toEqual([[1, 1]])
    await one.line.visible(true)
    await two.line.visible(false)
    await two.line.handled(1, 1, event(1))
    await ports.quiet()
    expect(offered(one)).toEqual([[2, 1]])
  })

  it('[F14] is offered anew to a tab that comes back under the same numbers', async () => {
    const { one, offered } = await consuming(1, {})
    await one.greet()
    await ports.quiet()
    expect(offered(one)).toEqual([
      [1, 1],
      [1, 2],
    ])
    await one.line.handled(1, 1, event(1))
    await one.line.handled(1, 2, event(1))
    await ports.server.latest.say(['events', { ...newsEvents(2, 2) }])
    await ports.quiet()
    expect(offered(one).at(-1)).toEqual([2, 1])
  })
})

describe('[P8] parked events', () => {
  it('are told to every tab, whole to those who come later', async () => {
    const { one, two } = await consuming(1, {}, {})
    await one.line.handled(1, 1, event(1), INVALID)
    const late = await ports.openTab()
    await ports.quiet()
    const parked = expect.objectContaining({ payload: '{"n":1}', error: INVALID, attempts: 1 })
    for (const tab of [one, two]) {
      expect(tab.told('parked')).toEqual([
        { kind: 'parked', whole: true, put: [], removed: [] },
        { kind: 'parked', whole: false, put: [parked], removed: [] },
      ])
    }
    expect(late.told('parked')).toEqual([
      { kind: 'parked', whole: true, put: [parked], removed: [] },
    ])
  })

  it('are handed out again, or discarded, by any tab', async () => {
    const { one, two, offered } = await consuming(1, {}, HIDDEN)
    await one.line.handled(1, 1, event(1), INVALID)
    await ports.quiet()
    const key = two.told('parked').at(-1)?.put[0]?.key ?? ''
    expect(await two.line.unpark('another')).toBe(false)
    expect(await two.line.unpark(key)).toBe(true)
    await ports.quiet()
    expect(offered(one)).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(await two.line.discardParked(key)).toBe(true)
    expect(await two.line.discardParked(key)).toBe(false)
    await ports.quiet()
    expect(one.told('parked').at(-1)).toMatchObject({ put: [], removed: [key] })
  })

  it('[P14] keep no error that is too long, or that JSON cannot carry', async () => {
    const { one } = await consuming(2, {})
    const long = { ...INVALID, details: { at: '', issues: ['x'.repeat(9_000)] } } as ErrorInfo
    const odd = { ...INVALID, details: { at: 1n } } as unknown as ErrorInfo
    await one.line.handled(1, 1, event(1), long)
    await ports.quiet()
    await ports.advance(1_000)
    await one.line.handled(1, 2, event(1), odd)
    await ports.quiet()
    const [parked] = one.told('parked').at(-1)?.put ?? []
    expect(parked?.error.code).toBe('failed')
    expect(JSON.stringify(parked).length).toBeLessThan(1_000)
  })
})

describe('[F46] what the wire or the disk cannot carry', () => {
  it.each([
    { name: '' },
    { channel: '' },
    { name: 'x\0' },
    { maxAttempts: 0 },
    { timeout: Number.NaN },
    { timeout: '1' as never },
  ])('is refused to its tab alone: %o', async (more) => {
    const { one } = await consuming(0, { consumptions: [] })
    await one.line.consume({ ...wanted, ...more })
    await ports.quiet()
    expect(one.told('denied')).toMatchObject([
      { subscriptions: [1], error: { code: 'bad-option' } },
    ])
    expect(ports.server.latest.bodies('subscribe')).toEqual([])
  })

  it.each([0, 1.5, 1_001, '5' as never])('is no history: %o', async (history) => {
    const { one } = await consuming(0, { consumptions: [] })
    await one.line.subscribe({ id: 7, channel: 'news', from: 'last', history })
    await ports.quiet()
    expect(one.told('denied')).toMatchObject([
      { subscriptions: [7], error: { code: 'bad-option', details: { option: 'history' } } },
    ])
  })
})

it('[P6][P7] what a hushed subscription takes has not been seen by this origin', async () => {
  const subscriptions = [{ id: 5, channel: 'news', from: 'last' as const }]
  const { one } = await consuming(1, { consumptions: [], subscriptions })
  await one.line.hush(5)
  await ports.server.latest.say(['events', newsEvents(2, 3)])
  await ports.quiet()
  const two = await ports.openTab({ consumptions: [], subscriptions })
  await ports.quiet()
  expect(one.told('events').flatMap(({ ids }) => ids)).toEqual(['1', '2', '3'])
  expect(two.told('events').flatMap(({ ids }) => ids)).toEqual(['2', '3'])
})
