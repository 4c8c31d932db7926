import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createVigil } from './vigil.js'

function setUp(patience = 3) {
  const clock = createVirtualClock()
  const facts: (readonly [what: string, atSecond: number])[] = []
  const begin = clock.now()
  const state = { isAwaited: true }
  const fact = (what: string) => () =>
    void facts.push([what, Math.round((clock.now() - begin) / 1_000)])
  const vigil = createVigil({
    environment: clock,
    patience,
    isAwaited: () => state.isAwaited,
    ping: fact('ping'),
    onHung: fact('hung'),
  })
  return { clock, facts, state, vigil }
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

  it('has as much patience as it is given', async () => {
    const { clock, facts, vigil } = setUp(6)
    vigil.called()
    await clock.advance(20_000)
    expect(facts).toEqual([
      ['ping', 6],
      ['hung', 8],
    ])
  })
})
