import { describe, expect, it } from 'vitest'
import { at, createChannelsWorld, NEWS, numbers } from '../../testing/channels-world.js'
import { createLogWorld, openLogWorld } from '../../testing/log-world.js'

const PAGE_MS = 30_000

it('[P14] a channel that nobody reads keeps little: who comes late has pages', () => {
  const { channels, openTab, server, framesOf, calm } = createLogWorld()
  channels.hold(NEWS)
  server.look()
  server.publish(5_000)
  calm()
  const soon = openTab()
  soon.subscribe({ after: at('4600') })
  soon.read()
  expect(soon.ids()).toEqual(numbers(4_601, 5_000))
  expect(framesOf('fetch')).toEqual([])
  openTab().subscribe({ after: at('10') })
  expect(framesOf('fetch')).toHaveLength(1)
})

it('[P14] a channel that is only held keeps little, also where there are no pages', async () => {
  const { channels, openTab, clock, events, ok } = createChannelsWorld()
  channels.hold(NEWS)
  const tab = openTab()
  const subscriber = tab.subscribe()
  ok('0')
  channels.unsubscribe(subscriber)
  events(1, 2_000)
  const back = openTab()
  channels.unsubscribe(back.subscribe({ after: at('0') }))
  back.read()
  await clock.advance(5_000)
  events(2_001, 4_000)
  const late = openTab()
  late.subscribe({ after: at('3000') })
  late.subscribe({ after: at('3900') })
  late.read()
  expect(back.gaps()).toEqual([])
  expect(late.gaps()).toEqual(['trimmed'])
  expect(late.ids()).toEqual(numbers(3_901, 4_000))
})

describe('pages', () => {
  it('[P12][G87] that do not come are asked for again, and who waits gets them', async () => {
    const { openTab, server, calm, clock, sent, violations } = openLogWorld(20)
    const late = openTab()
    late.subscribe({ after: at('3') })
    expect(sent.splice(0)).toMatchObject([['fetch', { id: 1 }]])
    await clock.advance(PAGE_MS - 1)
    expect(sent).toEqual([])
    await clock.advance(1)
    expect(sent).toMatchObject([['fetch', { id: 2, cursor: at('3') }]])
    calm(late)
    await clock.advance(10 * PAGE_MS)
    expect(late.ids()).toEqual(numbers(4, 20))
    expect(server.pages).toBe(4)
    expect(violations).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('are no reason to hang up if nobody waits for them', async () => {
    const { openTab, channels, clock, violations } = openLogWorld(20)
    for (const id of ['1', '2', '3', '4']) {
      channels.unsubscribe(openTab().subscribe({ after: at(id) }))
      await clock.advance(PAGE_MS)
    }
    expect(violations).toEqual([])
  })

  it('[P12][F46][G87] that never come are a reason to hang up', async () => {
    const { openTab, server, calm, clock, violations, sent } = openLogWorld(20)
    const late = openTab()
    for (let i = 0; i < 9; i++) late.subscribe({ after: at(String(i)) })
    await clock.advance(3 * PAGE_MS - 1)
    expect(violations).toEqual([])
    await clock.advance(1)
    expect(violations).toHaveLength(1)
    server.cut()
    expect(clock.pending).toBe(0)
    server.resume()
    sent.length = 0
    calm(late)
    expect(late.gaps()).toEqual([])
  })

  it('are shared by all who stand at the same place', () => {
    const { openTab, server, calm } = openLogWorld(20)
    const tabs = Array.from({ length: 10 }, openTab)
    for (const tab of tabs) tab.subscribe({ after: at('0') })
    calm(...tabs)
    for (const tab of tabs) expect(tab.ids()).toEqual(numbers(1, 20))
    expect(server.pages).toBe(4)
  })

  it('[F38] that say "nothing more" say it to nobody who has asked later', () => {
    const { openTab, server, steady, calm, channels, sent } = openLogWorld(4)
    server.publish(8)
    const ahead = openTab()
    const subscriber = ahead.subscribe({ after: at('12') })
    server.look()
    channels.unsubscribe(subscriber)
    // The ring comes by, and goes on until it does not know that place any more.
    server.publish(2_000)
    while (server.pump(100)) steady.read()
    const late = openTab()
    late.subscribe({ after: at('12') })
    expect(sent).toEqual([])
    calm(late, steady)
    expect(late.ids()).toEqual(numbers(13, 2_012))
  })

  it('[P14][G86] are on their way a few at a time', () => {
    const { openTab, sent, calm } = openLogWorld(30)
    const tabs = Array.from({ length: 10 }, openTab)
    for (const [i, tab] of tabs.entries()) tab.subscribe({ after: at(String(i)) })
    expect(sent).toHaveLength(4)
    calm(...tabs)
    for (const [i, tab] of tabs.entries()) expect(tab.ids()).toEqual(numbers(i + 1, 30))
  })

  it('[F18][P14][G86] wait for a tab that confirms none, and for nobody else', () => {
    const { openTab, server, calm } = openLogWorld(30)
    const frozen = openTab()
    for (let i = 0; i < 9; i++) frozen.subscribe({ after: at(String(i)) })
    const other = openTab()
    other.subscribe({ after: at('1') })
    calm(other)
    expect(other.ids()).toEqual(numbers(2, 30))
    expect(frozen.told.filter(({ kind }) => kind === 'events')).toHaveLength(4)
    calm(frozen)
    const ids = (id: number): string[] =>
      frozen.told.flatMap((news) =>
        news.kind === 'events' && news.subscriptions.includes(id) ? news.ids : [],
      )
    for (let i = 0; i < 9; i++) expect(ids(i + 1)).toEqual(numbers(i + 1, 30))
    expect(server.pages).toBeLessThan(60)
  })

  it('[P12] are not waited for by a tab that has gone', () => {
    const { openTab, channels, sent, server, calm } = openLogWorld(30)
    const gone = openTab()
    const subscribers = numbers(1, 6).map((id) => gone.subscribe({ after: at(id) }))
    server.look()
    for (const subscriber of subscribers) channels.unsubscribe(subscriber)
    calm()
    expect(sent).toEqual([])
    expect(gone.ids()).toEqual([])
  })
})
