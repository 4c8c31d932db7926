/** A leader and its worker, which may start late, hang, leave or not say a word. */
import { describe, expect, it } from 'vitest'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { DedicatedWorker } from '../environment.js'
import { createReign } from './leader-reign.js'

function setUp() {
  const clock = createVirtualClock()
  const log: string[] = []
  const world = { say: (_: string): void => {}, free: (): void => {} }
  const worker = {
    postMessage: ({ kind }: { kind: string }) => log.push(`told to ${kind}`),
    terminate: () => log.push('terminated'),
    addEventListener(type: string, run: (event: { data: unknown }) => void) {
      if (type === 'message') world.say = (data) => run({ data })
    },
  } as unknown as DedicatedWorker
  const reign = createReign({
    worker,
    line: 'line',
    after: clock.after,
    whenLockFree(_, run) {
      world.free = run
      return () => {}
    },
    onFailed: () => log.push('failed'),
    onLost: () => log.push('lost'),
  })
  log.length = 0
  return { clock, log, world, reign }
}

describe("a leader's worker", () => {
  it('[P12][S123] that has not started within fifteen seconds is given up', async () => {
    const { clock, log } = setUp()
    await clock.advance(14_999)
    expect(log).toEqual([])
    await clock.advance(1)
    expect(log).toEqual(['terminated', 'lost'])
  })

  it('[P12][S123] that dies is lost at once', async () => {
    const { clock, log, world } = setUp()
    world.say('here')
    await clock.advance(60_000)
    expect(log).toEqual([])
    world.free()
    expect(log).toEqual(['terminated', 'lost'])
  })

  it('[P12][F2][S123][G49] that is doubted has two seconds for a sign', async () => {
    const { clock, log, world, reign } = setUp()
    world.say('here')
    reign.doubt()
    await clock.advance(1_999)
    world.say('here')
    await clock.advance(60_000)
    expect(log).toEqual(['told to ping'])
    reign.doubt()
    reign.doubt()
    await clock.advance(2_000)
    expect(log).toEqual(['told to ping', 'told to ping', 'terminated', 'lost'])
  })

  it('[P2][P12][S124][G99] that retires has two seconds to finish what it writes', async () => {
    const prompt = setUp()
    prompt.world.say('here')
    let hasLeft = false
    void prompt.reign.retire().then(() => {
      hasLeft = true
    })
    await prompt.clock.advance(1_000)
    expect([hasLeft, prompt.log]).toEqual([false, ['told to leave']])
    prompt.world.say('left')
    await settled()
    expect([hasLeft, prompt.log]).toEqual([true, ['told to leave', 'terminated']])
    expect(prompt.clock.pending).toBe(0)

    const { clock, log, world, reign } = setUp()
    world.say('here')
    void reign.retire()
    await clock.advance(1_999)
    expect(log).toEqual(['told to leave'])
    await clock.advance(1)
    expect(log).toEqual(['told to leave', 'terminated'])
  })
})
