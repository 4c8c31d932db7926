import { describe, expect, it } from 'vitest'
import type { InstanceId } from '../protocol/ids.js'
import { leaderLockName } from '../protocol/line-name.js'
import { bodyLockName, lifeLockName } from '../protocol/lives.js'
import { createWhereabouts } from './whereabouts.js'

const LINE = 'line'
const worker = (instance: string, generation = 0, isSpare = false) => ({
  instance: instance as InstanceId,
  generation,
  isSpare,
})
const healthy = (...given: Parameters<typeof worker>): string[] => [
  lifeLockName(LINE, worker(...given)),
  bodyLockName(LINE, worker(...given)),
]

/** Each lock by a worker of its own. */
const heldBy = (names: readonly string[]) => new Map(names.map((name) => [name, name]))

function setUp(...held: string[]) {
  const world = { held }
  const whereabouts = createWhereabouts({ heldLocks: async () => heldBy(world.held) }, LINE)
  const address = async () => (await whereabouts.look(true))?.address
  return { world, whereabouts, address }
}

describe('a tab that looks for its broker', () => {
  it('[P12][F2] leaves one that was alive before it asked, and not one that starts', async () => {
    const { world, whereabouts, address } = setUp()
    await address()
    world.held = healthy('x')
    expect(whereabouts.unanswered(14_999, false)).toBe(false)
    expect(await address()).toEqual({ generation: 0, isSpare: false })
    expect(whereabouts.unanswered(4_999, false)).toBe(false)
    expect(whereabouts.unanswered(5_000, false)).toBe(true)
    expect(await whereabouts.look(true)).toEqual({
      address: { generation: 1, isSpare: false },
      accused: ['x'],
      isHubTaken: false,
    })
  })

  it('[P12][F2][F8][S108] takes the silence of four releases for one step, and that of four steps for enough', async () => {
    const { world, whereabouts, address } = setUp()
    const shown = ['a', 'b', 'c', 'd'].flatMap((name) => healthy(name))
    world.held = shown
    await address()
    expect(whereabouts.unanswered(5_000, false)).toBe(true)
    expect(await address()).toEqual({ generation: 1, isSpare: false })
    for (const generation of [1, 2, 3]) {
      world.held = [...world.held, ...healthy(`${generation}`, generation)]
      expect(await address()).toEqual({ generation, isSpare: false })
      expect(whereabouts.unanswered(5_000, false)).toBe(true)
    }
    expect(await address()).toBeUndefined()
  })

  it('[P12][F2] knows whether one that hangs keeps the hub from everybody', async () => {
    for (const holder of ['x', 'a leader']) {
      const held = new Map([
        [lifeLockName(LINE, worker('x')), 'x'],
        [bodyLockName(LINE, worker('x')), 'x'],
        [leaderLockName(LINE), holder],
      ])
      const whereabouts = createWhereabouts({ heldLocks: async () => held }, LINE)
      expect(await whereabouts.look(true)).toMatchObject({ isHubTaken: false })
      whereabouts.accuse('x' as InstanceId)
      expect(await whereabouts.look(true)).toMatchObject({ isHubTaken: holder === 'x' })
    }
  })

  it('[P1][P12] takes nothing for the hub of one that died from a leader that hears of its death', async () => {
    for (const leads of [true, false]) {
      const held = new Map([[lifeLockName(LINE, worker('x')), 'tab']])
      if (leads) held.set(leaderLockName(LINE), 'tab')
      const whereabouts = createWhereabouts({ heldLocks: async () => held }, LINE)
      whereabouts.accuse('x' as InstanceId)
      expect(await whereabouts.look(true)).toMatchObject({ isHubTaken: false })
    }
  })

  it('[P12] accuses nobody who has gone', async () => {
    const { world, whereabouts } = setUp(...healthy('x'))
    await whereabouts.look(true)
    whereabouts.accuse('x' as InstanceId)
    world.held = []
    expect(await whereabouts.look(true)).toEqual({
      address: { generation: 0, isSpare: false },
      accused: [],
      isHubTaken: false,
    })
  })

  it('[P12][F1][S100] leaves the name of one that never comes to life, and meets the others', async () => {
    const { world, whereabouts, address } = setUp()
    await address()
    expect(whereabouts.unanswered(1_499, true)).toBe(false)
    expect(whereabouts.unanswered(1_500, true)).toBe(true)
    expect(await address()).toEqual({ generation: 1, isSpare: false })
    world.held = healthy('late')
    expect(await address()).toEqual({ generation: 0, isSpare: false })
  })

  it('[F9][S106] tries the other name where somebody with other options lives, and each once', async () => {
    const { world, whereabouts, address } = setUp()
    await address()
    expect(whereabouts.refused()).toBe(false)
    world.held = healthy('x')
    await address()
    expect(whereabouts.refused()).toBe(true)
    expect(await address()).toEqual({ generation: 0, isSpare: true })
    expect(whereabouts.refused()).toBe(false)
  })

  it('[F9] goes where somebody lives, if nobody lives at the base name', async () => {
    const { world, whereabouts, address } = setUp(...healthy('y', 0, true))
    expect(await address()).toEqual({ generation: 0, isSpare: true })
    expect(whereabouts.refused()).toBe(true)
    expect(await address()).toEqual({ generation: 0, isSpare: false })
    world.held.push(...healthy('x'))
    const other = createWhereabouts({ heldLocks: async () => heldBy(world.held) }, LINE)
    expect((await other.look(true))?.address).toEqual({ generation: 0, isSpare: false })
  })

  it('[P12][S117] counts for itself where it cannot see who lives, and allows for a slow network', async () => {
    for (const heldLocks of [null, () => Promise.reject(new Error('not here'))]) {
      const whereabouts = createWhereabouts({ heldLocks }, LINE)
      const at = (generation: number) => ({
        address: { generation, isSpare: false },
        // A page's own worker is its to end.
        accused: ['x'],
        isHubTaken: false,
      })
      // It may be dead: then its name is as good as any.
      whereabouts.accuse('x' as InstanceId)
      expect(await whereabouts.look(true)).toEqual(at(0))
      expect(whereabouts.unanswered(14_999, true)).toBe(false)
      expect(whereabouts.unanswered(15_000, true)).toBe(true)
      expect(await whereabouts.look(true)).toEqual(at(1))
    }
  })
})
