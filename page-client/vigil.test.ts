import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createVigil, newPatience } from './vigil.js'

function setUp() {
  const clock = createVirtualClock()
  const facts: (readonly [what: string, atSecond: number])[] = []
  const begin = clock.now()
  const state = { isAwaited: true }
  const patience = newPatience()
  const fact = (what: string) => () =>
    void facts.push([what, Math.round((clock.now() - begin) / 1_000)])
  const next = () =>
    createVigil({
      environment: clock,
      patience,
      isAwaited: () => state.isAwaited,
      ping: fact('ping'),
      onHung: fact('hung'),
    })
  /** Of a worker that says nothing any more. */
  async function accuse(vigil = next()): Promise<number> {
    vigil.called()
    const [began, known] = [clock.now(), facts.length]
    while (facts.slice(known).every(([what]) => what === 'ping')) await clock.advance(1_000)
    return (clock.now() - began) / 1_000
  }
  return { clock, facts, state, next, accuse, vigil: next() }
}

describe('a vigil', () => {
  it('[P12][F2][S102] asks after three seconds of silence, and gives up after two more', async () => {
    const { clock, facts, vigil } = setUp()
    vigil.called()
    await clock.advance(2_500)
    // Not a beginning: the first one still waits.
    vigil.called()
    await clock.advance(10_000)
    expect(facts).toEqual([
      ['ping', 3],
      ['hung', 5],
    ])
    expect(clock.pending).toBe(0)
  })

  it('[P12] asks again and again as long as it is answered and something waits', async () => {
    const { clock, facts, vigil } = setUp()
    vigil.called()
    for (let second = 0; second < 12; second++) {
      await clock.advance(1_000)
      if (facts.at(-1)?.[1] === second + 1) vigil.heard()
    }
    expect(facts.map(([what]) => what)).toEqual(Array(4).fill('ping'))
  })

  it('[G44] looks no longer when nothing is awaited', async () => {
    const { clock, facts, state, vigil } = setUp()
    vigil.called()
    state.isAwaited = false
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
    vigil.called()
    vigil.close()
    expect([clock.pending, facts]).toEqual([0, []])
  })

  it('[F45][S107] begins anew after a look that came late', async () => {
    const { clock, facts, vigil } = setUp()
    vigil.called()
    await clock.advance(4_000)
    clock.leap(2_500)
    await clock.advance(0)
    expect(facts).toEqual([['ping', 3]])
    await clock.advance(4_000)
    expect(facts).toHaveLength(2)
    await clock.advance(1_000)
    expect(facts.map(([what]) => what)).toEqual(['ping', 'ping', 'hung'])
  })

  it('[P12][S102] waits twice as long after each accusation, and not for ever', async () => {
    const { accuse } = setUp()
    const waits: number[] = []
    for (let accused = 0; accused < 7; accused++) waits.push(await accuse())
    expect(waits).toEqual([5, 8, 14, 26, 50, 62, 62])
  })

  it('[P12][S170] waits as at first when a worker has served for five minutes', async () => {
    const { clock, next, accuse } = setUp()
    await accuse()
    const steady = next()
    await clock.advance(300_000)
    steady.heard()
    expect(await accuse(steady)).toBe(5)
    expect(await accuse()).toBe(8)
  })

  it('[P12][S170] waits longer still when that worker has served for less, or has not been heard since', async () => {
    const { clock, next, accuse } = setUp()
    await accuse()
    const young = next()
    await clock.advance(299_999)
    young.heard()
    expect(await accuse(young)).toBe(8)
    const mute = next()
    mute.heard()
    await clock.advance(600_000)
    expect(await accuse(mute)).toBe(14)
  })
})
