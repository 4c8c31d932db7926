import { describe, expect, it } from 'vitest'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import type { Snapshot } from './api.js'
import { createResync } from './resync.js'

/** What each attempt does, in turn; the last one goes on. */
type Plan = (Snapshot | Error | 'hang')[]

function setUp(plan: Plan) {
  const clock = createVirtualClock()
  const told: (readonly [what: string, value: unknown])[] = []
  const signals: AbortSignal[] = []
  const resync = createResync({
    environment: { now: clock.now, after: clock.after, random: () => 1 },
    async fetch({ signal }) {
      signals.push(signal)
      told.push(['fetch', clock.now()])
      const next = plan.length > 1 ? plan.shift() : plan[0]
      if (next instanceof Error) throw next
      if (next === 'hang') return new Promise<never>(() => {})
      return next as Snapshot
    },
    onFetched: ({ state }) => told.push(['fetched', state]),
    onFailed: (cause) => told.push(['failed', (cause as Error).message]),
  })
  const attempts = () => told.filter(([what]) => what === 'fetch')
  return { clock, resync, told, signals, attempts }
}

/** Its epoch would cost every tab the line. */
const ODD = { state: 1, at: { id: '7', epoch: 1 } }

const fetched = (state: unknown): Snapshot => ({ state, at: '7' })

describe('a snapshot', () => {
  it('is fetched at once, and once', async () => {
    const { resync, told, clock } = setUp([fetched('a')])
    expect(resync.isOn).toBe(false)
    resync.begin()
    expect(resync.isOn).toBe(true)
    await settled()
    expect(told).toEqual([
      ['fetch', 1_000],
      ['fetched', 'a'],
    ])
    expect([resync.isOn, clock.pending]).toEqual([false, 0])
  })

  it('[P6][P11] that fails is tried again, rarer and rarer, and told once', async () => {
    const bad = new Error('down')
    const { resync, told, clock, attempts } = setUp([bad, bad, bad, bad, bad, bad, fetched('a')])
    resync.begin()
    await clock.advance(100_000)
    expect(attempts().map(([, at]) => at)).toEqual(
      [1, 2, 4, 8, 16, 32, 62].map((seconds) => seconds * 1_000),
    )
    expect(told.filter(([what]) => what !== 'fetch')).toEqual([
      ['failed', 'down'],
      ['fetched', 'a'],
    ])
  })

  it('[P11] that was of no use is not fetched anew at once, until one was', async () => {
    const { resync, clock, attempts } = setUp([fetched('a')])
    resync.begin()
    await settled()
    resync.begin()
    expect(resync.isOn).toBe(true)
    await settled()
    expect(attempts()).toHaveLength(1)
    await clock.advance(1_000)
    expect(attempts()).toHaveLength(2)
    resync.proved()
    resync.begin()
    await settled()
    expect(attempts()).toHaveLength(3)
  })

  it('that throws at once counts as failed, and is told nowhere else', async () => {
    const clock = createVirtualClock()
    const failures: unknown[] = []
    const resync = createResync({
      environment: { now: clock.now, after: clock.after, random: () => 1 },
      fetch() {
        throw new Error('mine')
      },
      onFetched() {},
      onFailed: (cause) => failures.push((cause as Error).message),
    })
    resync.begin()
    await settled()
    resync.stop()
    // A rejection that nobody handles would end this run.
    expect(failures).toEqual(['mine'])
  })

  it('[P12] that never comes counts as failed', async () => {
    const { resync, clock, told, signals } = setUp(['hang', fetched('a')])
    resync.begin()
    await clock.advance(60_000)
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(1_000)
    expect(told.at(-1)).toEqual(['fetched', 'a'])
  })

  it('that does not say what it is at counts as failed', async () => {
    for (const wrong of [
      undefined,
      { state: 1 },
      { state: 1, at: null },
      { state: 1, at: {} },
      ODD,
    ]) {
      const { resync, told } = setUp([wrong as never])
      resync.begin()
      await settled()
      expect(told.at(-1)).toMatchObject(['failed', expect.any(String)])
      resync.stop()
    }
  })

  it('that nobody wants any more is aborted, and waits for nothing', async () => {
    const { resync, told, signals, clock } = setUp(['hang'])
    resync.begin()
    resync.stop()
    await settled()
    expect([signals[0]?.aborted, resync.isOn, clock.pending]).toEqual([true, false, 0])
    const { resync: failing, clock: its, told: facts } = setUp([new Error('down')])
    failing.begin()
    await settled()
    failing.stop()
    await its.advance(60_000)
    expect([told.length, facts.length]).toEqual([1, 2])
  })
})
