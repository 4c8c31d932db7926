/** What a page has seen, and what it only took: subscriptions in a whole house, and one disk (P6, P7). */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SubscribeOptions } from '../page-client/api.js'
import type { Cursor } from '../protocol/ids.js'
import { createHouse, type HouseTab } from './house.js'
import { newsEvents } from './news.js'

let house: ReturnType<typeof createHouse>

beforeEach(() => {
  house = createHouse()
})

afterEach(() => house.close())

const at = (id: string) => ({ epoch: 'e1', id }) as Cursor

interface Reader extends HouseTab {
  /** `3`: as it came; `3 kept`: from the disk. */
  readonly seen: string[]
}

function openReader(options: SubscribeOptions): Reader {
  const seen: string[] = []
  const tab = house.openTab()
  const onGap = (): void => void seen.push('gap')
  const given = { onGap, onSnapshot: () => void seen.push('snapshot'), ...options }
  tab.line.channel<{ n: number }>('news').subscribe(({ n }, { isKept }) => {
    seen.push(isKept ? `${n} kept` : `${n}`)
  }, given)
  return Object.assign(tab, { seen })
}

/** Long enough that what was seen is on the disk too. */
async function say(...frames: Parameters<typeof house.server.latest.say>): Promise<void> {
  await house.server.latest.say(...frames)
  await house.quiet()
  await house.advance(1_000)
}

async function online(): Promise<void> {
  for (let i = 0; i < 3; i++) await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
  await house.advance(1_000)
}

/** The browser is killed and started again; the line has not been taken up yet. */
async function restart(tab: HouseTab, options: SubscribeOptions): Promise<Reader> {
  tab.kill()
  house.killWorker()
  const next = openReader(options)
  for (let i = 0; i < 3; i++) await house.quiet()
  return next
}

/** Where the line asks to go on from, before the server has said anything. */
async function resumesFrom(): Promise<unknown> {
  await house.server.latest.accept()
  return house.server.latest.bodies('hello')[0]?.channels[0]?.cursor
}

const HANGS = { snapshot: () => new Promise<never>(() => {}) }

it('[P6][P7][G27] a browser killed while its snapshot is on its way comes back before the gap', async () => {
  const tab = openReader({ from: { after: at('0') }, ...HANGS })
  await online()
  await say(['events', newsEvents(1, 2)])
  await house.server.latest.cut()
  await house.advance(1_000)
  const gap = { channel: 'news', state: 'gap', reason: 'trimmed', epoch: 'e1', id: '90' } as never
  await house.server.latest.accept()
  await house.server.latest.welcome({ channels: [gap] })
  await say(['events', newsEvents(91, 95)])
  expect(tab.seen).toEqual(['1', '2', 'gap'])
  await restart(tab, { from: 'last', ...HANGS })
  expect(await resumesFrom()).toEqual(at('2'))
})

it('[P7][G27] a browser killed before its first snapshot has come has not seen the channel', async () => {
  const tab = openReader(HANGS)
  await online()
  await say(['events', newsEvents(1, 5)])
  expect(tab.seen).toEqual([])
  await restart(tab, { from: 'last', ...HANGS })
  expect(await resumesFrom()).toBeUndefined()
})

it('[P7] a browser killed after its snapshot comes back behind what it applied to it', async () => {
  const tab = openReader({ snapshot: async () => ({ state: 'S', at: at('0') }) })
  await online()
  await say(['events', newsEvents(1, 5)])
  expect(tab.seen).toEqual(['snapshot', '1', '2', '3', '4', '5'])
  await restart(tab, { from: 'last' })
  expect(await resumesFrom()).toEqual(at('5'))
})

it('[P7] a new tab is given what is kept while there is no network, and then what came', async () => {
  const tab = openReader({ history: 3 })
  await online()
  await say(['events', newsEvents(1, 5)])
  expect(tab.seen).toEqual(['1', '2', '3', '4', '5'])
  const next = await restart(tab, { history: 3 })
  expect(next.seen).toEqual(['3 kept', '4 kept', '5 kept'])
  await online()
  await say(['events', newsEvents(6, 7)])
  expect(next.seen.slice(3)).toEqual(['6', '7'])
  // One that comes while the other lives needs nobody else either.
  const third = openReader({ history: 2 })
  for (let i = 0; i < 3; i++) await house.quiet()
  expect(third.seen).toEqual(['6 kept', '7 kept'])
})

it('[P6][P7] a tab that has been given what is kept is not given it again by another worker', async () => {
  const tab = openReader({ history: 3 })
  await online()
  await say(['events', newsEvents(1, 5)])
  const next = await restart(tab, { history: 3 })
  next.page.hidden()
  house.killWorker()
  next.page.shown()
  await online()
  await say(['events', newsEvents(6, 6)])
  expect(next.seen).toEqual(['3 kept', '4 kept', '5 kept', '6'])
})
