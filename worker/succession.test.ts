import { describe, expect, it } from 'vitest'
import type { InstanceId } from '../protocol/ids.js'
import { leaderLockName, lineLockName } from '../protocol/line-name.js'
import { lifeLockName, readCensus } from '../protocol/lives.js'
import { createMemoryLocks } from '../testing/memory-locks.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { showLife } from './life.js'
import { createSuccession } from './succession.js'

const LINE = 'line'
const X = 'x' as InstanceId
const WORKER = { line: LINE, generation: 0, isSpare: false, instance: X }
const LIFE = lifeLockName(LINE, WORKER)

/** A broker of generation 0 that has the line, or lets another one have it, and a successor. */
async function setUp({ generation = 1, hasLine = true } = {}) {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const story: string[] = []
  const accused = locks.agent()
  const other = locks.agent()
  const life = showLife({
    ...WORKER,
    locks: accused,
    onLost: () => story.push('life lost'),
  })
  await (hasLine ? accused : other).hold(lineLockName(LINE), () => story.push('line lost'))
  const successor = (line = locks.agent()) =>
    createSuccession({
      clock,
      locks: line,
      line: LINE,
      generation,
      announce: () => story.push('announced'),
    })
  return { clock, locks, accused, story, life, successor }
}

describe('a broker that is accused', () => {
  it('[P1][P12][F2][S111][G45][S86] of hanging, and does, loses the line and then its life', async () => {
    const { clock, locks, story, successor } = await setUp()
    successor().accuse([X])
    await clock.advance(999)
    expect(story).toEqual(['announced'])
    await clock.advance(1)
    expect(story).toEqual(['announced', 'line lost', 'life lost'])
    expect(locks.isHeld(lineLockName(LINE))).toBe(false)
    expect(locks.isHeld(LIFE)).toBe(false)
  })

  it('[P1][P12][F2][S114][S135] of hanging, and keeps the hub, loses that too; a leader keeps what is his', async () => {
    for (const isHost of [true, false]) {
      const { clock, locks, accused, story, successor } = await setUp()
      const lost = () => story.push('hub lost')
      await (isHost ? accused : locks.agent()).hold(leaderLockName(LINE), lost)
      successor().accuse([X])
      await clock.advance(1_000)
      expect(story.includes('hub lost')).toBe(isHost)
      expect(locks.isHeld(leaderLockName(LINE))).toBe(!isHost)
    }
  })

  it('[P12][F2][S113] by all tabs, at once and again, loses them once', async () => {
    const { clock, story, successor } = await setUp()
    const one = successor()
    const two = successor()
    one.accuse([X, X])
    two.accuse([X])
    await clock.advance(600)
    one.accuse([X])
    await clock.advance(5_000)
    one.accuse([X])
    await clock.advance(5_000)
    expect(story.filter((what) => what === 'life lost')).toHaveLength(1)
    expect(story.filter((what) => what === 'line lost')).toHaveLength(1)
  })

  it('[P12][S110] and lives, lets go by itself', async () => {
    const { clock, story, life, successor } = await setUp()
    successor().accuse([X])
    life.end()
    await clock.advance(5_000)
    expect(story).toEqual(['announced'])
  })

  it('[P12][S137] and has died meanwhile, has nothing taken from it', async () => {
    const { clock, locks, accused, story, successor } = await setUp()
    successor().accuse([X])
    await clock.advance(500)
    accused.kill()
    const next = locks.agent()
    await next.hold(lineLockName(LINE), () => story.push('taken from the next'))
    await clock.advance(5_000)
    expect(story).toEqual(['announced'])
  })

  it('[P1][P12][S114] without having the line, takes it from nobody', async () => {
    const { clock, story, successor } = await setUp({ hasLine: false })
    successor().accuse([X])
    await clock.advance(5_000)
    expect(story).toEqual(['announced', 'life lost'])
  })

  it('[P12][S113] by one that is no successor of it, keeps everything', async () => {
    const { clock, story, successor } = await setUp({ generation: 0 })
    successor().accuse([X, 'nobody' as InstanceId])
    await clock.advance(5_000)
    expect(story).toEqual(['announced', 'announced'])
  })

  it('[P12][S115] is judged by the next successor, if the first one dies over it', async () => {
    const { clock, locks, story, successor } = await setUp()
    const agent = locks.agent()
    const dying = {
      ...agent,
      async steal(name: string) {
        await agent.steal(name)
        agent.kill()
        return new Promise<never>(() => {})
      },
    }
    const options = { clock, line: LINE, generation: 1, announce() {} }
    const first = createSuccession({ ...options, locks: dying })
    first.accuse([X])
    await clock.advance(1_000)
    expect(locks.isHeld(LIFE)).toBe(true)
    successor().accuse([X])
    await clock.advance(1_000)
    expect(locks.isHeld(LIFE)).toBe(false)
    expect(story).toContain('life lost')
  })

  it('[P12][G110][S160] and stands in the queue as well, loses line and hub to whoever waits behind it', async () => {
    const { clock, locks, accused, story, successor } = await setUp()
    for (const lock of [lineLockName(LINE), leaderLockName(LINE)]) {
      void accused.hold(lock, () => story.push('lost again'))
      void accused.hold(lock, () => story.push('lost again'))
      void locks.agent().hold(lock, () => story.push('taken from the next'))
    }
    successor().accuse([X])
    await clock.advance(5_000)
    const lost = Array(4).fill('lost again')
    expect(story.toSorted()).toEqual(['announced', 'life lost', 'line lost', ...lost])
  })

  it('[P12] by one that closes meanwhile, keeps everything', async () => {
    const { clock, story, successor } = await setUp()
    const own = successor()
    own.accuse([X])
    own.close()
    await clock.advance(5_000)
    expect(story).toEqual(['announced'])
  })
})

describe('a broker that keeps the line from one that waits', () => {
  it('[P12][F2][G110][S162] is judged though nobody accuses it: who was told of it hangs or has died', async () => {
    const { clock, story, successor } = await setUp({ generation: 2 })
    const own = successor()
    await own.waited()
    await clock.advance(999)
    await own.waited()
    expect(story).toEqual(['announced'])
    await clock.advance(1)
    expect(story).toEqual(['announced', 'line lost', 'life lost'])
  })

  it('[P12][S110][S162] keeps it, if it lives and is about to let go', async () => {
    const { clock, story, life, successor } = await setUp()
    await successor().waited()
    life.end()
    await clock.advance(5_000)
    expect(story).toEqual(['announced'])
  })

  it('[P1][P12][S162] is nobody who does not have it, and nobody of the same generation', async () => {
    for (const world of [{ hasLine: false }, { generation: 0 }]) {
      const { clock, story, successor } = await setUp(world)
      await successor().waited()
      await clock.advance(5_000)
      expect(story).toEqual([])
    }
  })
})

describe('a life', () => {
  it('[P1][P12][S134] that is given back is at no moment that of a worker that hangs', async () => {
    const agent = createMemoryLocks().agent()
    const seen: number[] = []
    const look = async () =>
      seen.push(readCensus(LINE, [...(await agent.holders()).keys()]).hung.length)
    const watched = {
      ...agent,
      async hold(name: string) {
        const letGo = await agent.hold(name)
        return () => {
          letGo()
          void look()
        }
      },
    }
    const life = showLife({ ...WORKER, locks: watched, onLost() {} })
    await life.shown
    life.end()
    await settled()
    expect(seen).toEqual([0, 0])
  })

  it('[P12] is shown where there are locks, and does not keep anybody waiting where there are none', async () => {
    const { life } = await setUp()
    expect(await life.shown).toBe(LIFE)
    const options = { ...WORKER, onLost() {} }
    expect(await showLife({ ...options, locks: null }).shown).toBeUndefined()
    const agent = createMemoryLocks().agent()
    const refusing = { ...agent, hold: () => Promise.reject(new Error('not here')) }
    expect(await showLife({ ...options, locks: refusing }).shown).toBeUndefined()
    await settled()
  })
})
