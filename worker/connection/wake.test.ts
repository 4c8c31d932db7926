import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { watchSleep } from './wake.js'

describe('the watch for sleep', () => {
  it('[F33][G63] suspects a wall clock that ran ahead of the timer, once', async () => {
    const clock = createVirtualClock()
    let woke = 0
    const stop = watchSleep(clock, () => woke++)
    await clock.advance(60_000)
    expect(woke).toBe(0)
    clock.jumpWall(3_600_000)
    await clock.advance(2_000)
    expect(woke).toBe(1)
    await clock.advance(60_000)
    expect(woke).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
  })

  it('takes a clock that was set back for nothing', async () => {
    const clock = createVirtualClock()
    let woke = 0
    const stop = watchSleep(clock, () => woke++)
    clock.jumpWall(-86_400_000)
    await clock.advance(10_000)
    expect(woke).toBe(0)
    stop()
  })
})
