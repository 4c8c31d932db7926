import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import { createMemoryBoats } from '../testing/memory-boat.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createLifeboat } from './lifeboat.js'

const LINE = 'partyline:["wss://app.example/line"]'

const operation = (key: string, more = {}) => ({
  key: key as Key,
  lane: 'note',
  type: 'note',
  ...more,
})

function setUp() {
  const clock = createVirtualClock()
  const boats = createMemoryBoats()
  const errors: ErrorInfo[] = []
  const state = { isGivenUp: false }
  const open = (lineName = LINE, boat: object | null = boats.page(() => {})) =>
    createLifeboat({
      environment: { boat: boat as ReturnType<typeof boats.page>, wall: clock.wall },
      lineName,
      isGivenUp: () => state.isGivenUp,
      onError: (error) => errors.push(error),
    })
  return { clock, boats, errors, state, open }
}

const keys = (lifeboat: ReturnType<typeof createLifeboat>) =>
  lifeboat.aboard().map(({ key }) => key)

describe('the lifeboat', () => {
  it('[P2] holds what was put there for whoever comes next, until it is removed', () => {
    const { open, boats, clock } = setUp()
    const first = open()
    first.put(operation('a', { payload: '1', priority: 2, maxAttempts: 3, channel: 'news' }), true)
    const [name, text] = [...boats.items][0] ?? []
    expect(name).toBe(`${LINE}:boat:a`)
    expect(JSON.parse(text ?? '')).toEqual({
      operation: operation('a', { payload: '1', priority: 2, maxAttempts: 3, channel: 'news' }),
      at: clock.wall(),
      n: 1,
    })
    const second = open()
    expect(second.aboard()).toEqual([
      operation('a', { payload: '1', priority: 2, maxAttempts: 3, channel: 'news' }),
    ])
    second.remove('a' as Key)
    expect(boats.items.size).toBe(0)
    first.remove('a' as Key)
  })

  it('[P4] keeps the order of one page, also when its clock is set back', () => {
    const { open, clock } = setUp()
    const page = open()
    for (const key of ['c', 'a']) page.put(operation(key), true)
    clock.jumpWall(-60_000)
    page.put(operation('b'), true)
    expect(keys(open())).toEqual(['c', 'a', 'b'])
  })

  it('[P4] puts an earlier page before a later one, whatever the clock says', async () => {
    const { open, clock } = setUp()
    open().put(operation('b'), true)
    const second = open()
    second.put(operation('c'), true)
    clock.jumpWall(-60_000)
    const third = open()
    third.put(operation('a'), true)
    expect(keys(open())).toEqual(['b', 'c', 'a'])
    for (const key of ['a', 'b', 'c']) third.remove(key as Key)
    second.put(operation('z'), true)
    await clock.advance(60_001)
    third.put(operation('y'), true)
    expect(keys(open())).toEqual(['z', 'y'])
  })

  it('counts the life of what waits on the wall clock, and a clock set back as no time', async () => {
    const { open, clock } = setUp()
    const ttls = () =>
      open()
        .aboard()
        .map(({ ttl }) => ttl)
    open().put(operation('a', { ttl: 1_000 }), true)
    await clock.advance(400)
    expect(ttls()).toEqual([600])
    clock.jumpWall(-5_000)
    expect(ttls()).toEqual([1_000])
    clock.jumpWall(24 * 60 * 60_000)
    expect(ttls()).toEqual([0])
  })

  it('[P13][F17] of one line is not that of another, nor of another identity', () => {
    const { open } = setUp()
    const ann = open('partyline:["wss://app.example/line","ann"]')
    ann.put(operation('a'), true)
    open().put(operation('b'), true)
    expect(keys(open())).toEqual(['b'])
    open().empty()
    expect(keys(open())).toEqual([])
    expect(keys(ann)).toEqual(['a'])
    expect(ann.isItem(`${LINE}:boat:b`)).toBe(false)
  })

  it('ignores what is not its own, or damaged, and leaves it where it is', () => {
    const { open, boats } = setUp()
    const item = (more: object, key = 'x') =>
      boats.items.set(`${LINE}:boat:${key}`, JSON.stringify({ at: 1, n: 1, ...more }))
    boats.items.set('theme', 'dark')
    boats.items.set(`${LINE}:boat:broken`, '{"operation":')
    boats.items.set(`${LINE}:boat:null`, 'null')
    boats.items.set(`${LINE}:boat:list`, '[]')
    item({}, 'bare')
    item({ operation: null }, 'nothing')
    item({ operation: operation('other') }, 'misnamed')
    item({ operation: operation('late', { sooner: true }) }, 'late')
    item({ operation: { key: 'no-lane', type: 'note' } }, 'no-lane')
    item({ operation: operation('payload', { payload: { not: 'text' } }) }, 'payload')
    boats.items.set(
      `${LINE}:boat:endless`,
      `{"operation":{"key":"endless","lane":"l","type":"t","ttl":1e999},"at":1,"n":1}`,
    )
    const before = new Map(boats.items)
    const lifeboat = open()
    expect(keys(lifeboat)).toEqual([])
    for (const name of before.keys()) lifeboat.remove(name.split(':boat:')[1] as Key)
    expect(boats.items).toEqual(before)
    lifeboat.put(operation('a'), true)
    expect(keys(lifeboat)).toEqual(['a'])
  })

  const refusals: [why: string, fill: (world: ReturnType<typeof setUp>) => object | null][] = [
    ['there is no localStorage', () => null],
    [
      'localStorage is full',
      ({ boats }) => {
        boats.characters = 10
        return boats.page(() => {})
      },
    ],
    [
      'everything that it asks throws',
      () =>
        new Proxy(
          {},
          {
            get() {
              throw new Error('a damaged profile')
            },
          },
        ),
    ],
  ]
  for (const [why, fill] of refusals) {
    it(`[P5] says loudly that it keeps nothing when ${why}`, () => {
      const world = setUp()
      const lifeboat = world.open(LINE, fill(world))
      lifeboat.put(operation('a'), true)
      expect(world.errors).toMatchObject([
        { code: 'no-lifeboat', details: { key: 'a', reason: expect.stringMatching(/\w/) } },
      ])
      lifeboat.remove('a' as Key)
      expect(lifeboat.aboard()).toEqual([])
      lifeboat.empty()
    })
  }

  it('[P13] takes nothing more of an identity that was signed out and given up', () => {
    const { open, errors, state, boats } = setUp()
    state.isGivenUp = true
    open().put(operation('a'), true)
    expect([boats.items.size, errors]).toEqual([0, []])
  })

  it('[P14][G6][G82] holds a thousand operations of one line, and as much as 1 Mi characters', () => {
    const { open, errors } = setUp()
    const page = open()
    for (let i = 0; i < 1_000; i++) page.put(operation(`k${i}`), true)
    expect(errors).toEqual([])
    page.put(operation('more'), true)
    expect(errors).toMatchObject([{ code: 'no-lifeboat', details: { key: 'more' } }])
    page.remove('k0' as Key)
    page.put(operation('instead'), true)
    expect(errors).toHaveLength(1)
    // Also when it was another page that has filled it.
    open().put(operation('late'), true)
    expect(errors).toHaveLength(2)
    open().empty()

    const payload = 'x'.repeat(600_000)
    const fresh = open()
    fresh.put(operation('a', { payload }), true)
    fresh.put(operation('b', { payload }), true)
    expect(errors.at(-1)).toMatchObject({ details: { key: 'b' } })
    expect(keys(open())).toEqual(['a'])
  })
})
