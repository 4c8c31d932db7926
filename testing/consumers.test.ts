/** Consumers in a whole house: real pages, a real broker, one disk, and a server behind them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConsumeHandler, ConsumeOptions } from '../page-client/api.js'
import type { PartylineError } from '../protocol/errors.js'
import { createHouse, type HouseTab } from './house.js'
import { newsEvents } from './news.js'

let house: ReturnType<typeof createHouse>
/** What was begun, as `tab:event`. */
let log: string[]

beforeEach(() => {
  house = createHouse()
  log = []
})

afterEach(() => house.close())

const FOREVER = new Promise<never>(() => {})

function openTab(name: string, run: ConsumeHandler<unknown>, options?: ConsumeOptions): HouseTab {
  const tab = house.openTab()
  tab.line.channel('news').consume(
    'notifier',
    (payload, event) => {
      log.push(`${name}:${event.id}`)
      return run(payload as never, event)
    },
    options,
  )
  return tab
}

/** The events come; each handler's end and each write takes the ports a round. */
async function give(first: number, last: number): Promise<void> {
  await house.server.latest.say(['events', newsEvents(first, last)])
  for (let i = first; i <= last; i++) await house.quiet()
}

async function online(): Promise<void> {
  await house.quiet()
  await house.server.latest.accept()
  // The hello waits for the tabs, which are asked for a token one after the other.
  for (let i = 0; i < 3; i++) await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
}

describe('[P8] ten tabs that consume', () => {
  it('handle each event once, in order, while they die one after the other', async () => {
    const tabs = Array.from({ length: 10 }, (_, i) => openTab(`t${i}`, () => {}))
    await online()
    for (let n = 1; n <= 10; n++) {
      await give(n * 3 - 2, n * 3)
      if (n < 10) tabs[n - 1]?.kill()
      await house.quiet()
    }
    expect(log.map((line) => Number(line.split(':')[1]))).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    )
    expect(new Set(log.map((line) => line.split(':')[0])).size).toBe(10)
  })

  it('[P12] hand an event on in the moment in which the tab that handles it dies', async () => {
    const first = openTab('first', () => FOREVER)
    openTab('second', () => {})
    await online()
    await give(1, 2)
    expect(log).toEqual(['first:1'])
    first.kill()
    await house.quiet()
    expect(log).toEqual(['first:1', 'second:1', 'second:2'])
  })
})

describe('[P8][P12] a worker that dies', () => {
  it('[G33] repeats the event that was being handled, and no other', async () => {
    openTab('a', (_, { id }) => (id === '3' ? FOREVER : undefined))
    await online()
    await give(1, 4)
    expect(log).toEqual(['a:1', 'a:2', 'a:3'])
    house.killWorker()
    openTab('b', () => {})
    await house.quiet()
    expect(house.server.latest.bodies('hello')).toEqual([])
    await online()
    const [hello] = house.server.latest.bodies('hello')
    expect(hello?.channels).toEqual([{ channel: 'news', cursor: { epoch: 'e1', id: '2' } }])
    await give(3, 4)
    expect(log.slice(3)).toEqual(['b:3', 'b:4'])
  })
})

describe('[P8] a handler that fails', () => {
  it('[P6][G35] holds up its consumer, and no other reader of the channel', async () => {
    const a = openTab('a', () => Promise.reject(new Error('not now')))
    const seen: number[] = []
    a.line.channel<{ n: number }>('news').subscribe(({ n }) => seen.push(n))
    await online()
    await give(1, 3)
    expect(log).toEqual(['a:1'])
    expect(seen).toEqual([1, 2, 3])
  })

  it('[G38] has its event parked, the same in every tab, until somebody tries again', async () => {
    const broken = new Error('no sound card')
    let isMended = false
    const run = (_: unknown, { id }: { id: string }): void => {
      if (id === '1' && !isMended) throw broken
    }
    const a = openTab('a', run, { maxAttempts: 2 })
    const b = house.openTab()
    await online()
    await give(1, 2)
    expect(log).toEqual(['a:1'])
    await house.advance(1_000)
    expect(log).toEqual(['a:1', 'a:1', 'a:2'])
    for (const { line } of [a, b]) {
      expect(line.parked.value).toMatchObject([{ attempts: 2, error: { code: 'failed' } }])
    }
    const key = b.line.parked.value[0]?.key ?? ''
    const causes = () => a.errors.map((error) => (error as PartylineError).cause)
    expect(causes()).toEqual([broken])
    // Once more in vain: the error itself is where the handler is.
    expect(await b.line.parked.retry(key)).toBe(true)
    await house.quiet()
    expect(causes()).toEqual([broken, broken])
    isMended = true
    expect(await b.line.parked.retry(key)).toBe(true)
    await house.quiet()
    await house.quiet()
    expect(log.at(-1)).toBe('a:1')
    for (const { line } of [a, b]) expect(line.parked.value).toEqual([])
  })
})
