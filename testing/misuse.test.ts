/** What a page is told when it, its app or its worker is at fault. */
import { afterEach, describe, expect, it } from 'vitest'
import type { PartylineError } from '../protocol/errors.js'
import { createHouse } from './house.js'
import { newsEvents as events, openOnline } from './news.js'

type House = ReturnType<typeof createHouse>
let house: House

afterEach(() => house.close())

function online(tabs = 1, options = {}) {
  house = createHouse()
  return openOnline(house, tabs, options)
}

describe('options that make no sense', () => {
  const bad: [name: string, options: object][] = [
    ['durability', { durability: 'sometimes' }],
    ['closeCodes', { closeCodes: { 4123: 'stop' } }],
    ['closeCodes', { closeCodes: null }],
    ['outbox', { outbox: { operations: 0 } }],
    ['outbox', { outbox: { bytes: '1' } }],
    ['outbox', { outbox: { size: 1 } }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['pauseHidden', { pauseHidden: -1 }],
    ['healthUrl', { healthUrl: 'wss://app.example/health' }],
    ['auth', { auth: 'data:text/plain,secret' }],
  ]
  for (const [option, options] of bad) {
    it(`are refused by name: ${JSON.stringify(options)}`, async () => {
      house = createHouse()
      const errors: PartylineError[] = []
      const tab = house.openTab({ ...options, onError: (error) => errors.push(error) })
      await house.quiet()
      expect(errors).toMatchObject([{ code: 'bad-option', details: { option } }])
      expect(tab.line.status.value).toMatchObject({
        state: 'stopped',
        error: { details: { option } },
      })
    })
  }

  it('among them, over the port, close codes keep their meaning', async () => {
    await online(1, { closeCodes: { 4123: 'fatal' } })
    await house.server.latest.cut(4123)
    await house.advance(60_000)
    expect(house.server.connections).toHaveLength(1)
  })

  it('[F46] like a channel without a name, end nothing for the others', async () => {
    const errors: PartylineError[] = []
    const { tab } = await online(1, { onError: (error: PartylineError) => errors.push(error) })
    tab.line.channel('').subscribe(() => {})
    tab.line.channel('fine').subscribe(() => {}, { from: { after: 'x'.repeat(300) } })
    await house.quiet()
    expect(house.server.latest.bodies('subscribe')).toEqual([])
    expect(errors.map(({ code }) => code)).toEqual(['bad-option', 'bad-option'])
  })
})

describe('what an app throws', () => {
  it('[P6] while it watches or is told of an error costs nobody an event', async () => {
    const { tab } = await online(1, {
      onError: () => {
        throw new Error('in onError')
      },
    })
    let isArmed = false
    const seen: number[] = []
    const statuses: string[] = []
    tab.line.status.subscribe(() => {
      if (isArmed) throw new Error('in a watcher')
    })
    tab.line.status.subscribe(({ state }) => statuses.push(state))
    const channel = tab.line.channel<{ n: number }>('news')
    channel.subscribe(() => {
      throw new Error('in a handler')
    })
    channel.subscribe(({ n }) => seen.push(n))
    isArmed = true
    await house.quiet()
    const answer = { channel: 'news', state: 'ok', epoch: 'e1', id: '0' } as never
    await house.server.latest.say(
      ['subscribed', answer],
      ['events', events(1, 3)],
      ['drain', { in: 1_000, spread: 0 }],
    )
    await house.quiet()
    expect(seen).toEqual([1, 2, 3])
    await house.advance(2_000)
    expect(statuses.at(-1)).toBe('connecting')
    expect(tab.errors).toContainEqual(new Error('in a watcher'))
    expect(tab.errors).toContainEqual(new Error('in onError'))
  })
})

describe('a worker that does not work', () => {
  it('[F6] is an error at the call where there are no workers at all', () => {
    house = createHouse()
    house.state.hasSharedWorker = false
    house.state.hasWorkers = false
    expect(() => house.openTab()).toThrow(
      expect.objectContaining({
        code: 'no-worker',
        message: expect.stringContaining('browser'),
      }),
    )
  })

  it('[F6] is told from one that works and throws later', async () => {
    house = createHouse()
    house.state.hasWorkers = false
    house.state.isWorkerDeaf = true
    const tab = house.openTab({ worker: '/gone.js', onError: () => {} })
    await house.quiet()
    tab.workerErrs()
    const stopped = { state: 'stopped', error: { code: 'worker-unreachable' } }
    expect(tab.line.status.value).toMatchObject(stopped)
    house.state.isWorkerDeaf = false
    tab.line.reconnect()
    await house.quiet()
    await house.server.latest.welcome()
    tab.workerErrs()
    expect(tab.line.status.value.state).toBe('online')
  })

  it('[P12] is reported where the browser refuses locks', async () => {
    house = createHouse()
    house.state.refusesLocks = true
    const errors: PartylineError[] = []
    const tab = house.openTab({ onError: (error) => errors.push(error) })
    const delivery = tab.line.send('note', 1)
    await expect(delivery.stored).rejects.toMatchObject({ code: 'worker-unreachable' })
    expect(errors).toHaveLength(1)
  })

  it('[F15] is asked again with a new port when it is silent, and reported', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const tab = house.openTab()
    await house.quiet()
    house.state.isWorkerDeaf = false
    await house.advance(1_000)
    await house.server.latest.welcome()
    expect(tab.line.status.value.state).toBe('online')
  })

  it('[P3][P12] that was only slow knows one tab and one operation, whatever was said twice', async () => {
    house = createHouse()
    house.state.isWorkerSlow = true
    const tab = house.openTab({ onError: () => {} })
    const seen: number[] = []
    tab.line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
    const delivery = tab.line.send('note', 1)
    await house.advance(3_500)
    house.workerStarts()
    await house.quiet()
    await house.server.latest.welcome()
    await house.server.latest.say(['events', { ...events(1, 2), after: '0' as never }])
    await house.quiet()
    await delivery.stored
    expect(tab.line.status.value).toMatchObject({ state: 'online', tabs: 1 })
    expect(house.server.latest.bodies('op')).toHaveLength(1)
    expect(seen).toEqual([1, 2])
  })

  it('[P12][G97] lets no promise hang', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const tab = house.openTab({ onError: () => {} })
    const delivery = tab.line.send('note', 1)
    // First the SharedWorker, then whoever leads without it.
    await house.advance(30_000)
    await expect(delivery.stored).rejects.toMatchObject({ code: 'worker-silent', retryable: true })
    expect(tab.line.status.value).toMatchObject({ state: 'stopped', cause: 'fatal' })
  })
})
