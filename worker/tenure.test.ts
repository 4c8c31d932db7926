import { expect, it } from 'vitest'
import { lineLockName } from '../protocol/line-name.js'
import { VERSION } from '../protocol/version.js'
import { createMemoryBuses } from '../testing/memory-bus.js'
import { createMemoryLocks } from '../testing/memory-locks.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createTenure, type Tenure } from './tenure.js'

const LINE = 'line'

/** Brokers of one line, which a worker holds that hangs. */
async function setUp() {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const buses = createMemoryBuses()
  const log: string[] = []
  await locks.agent().hold(lineLockName(LINE))
  return {
    clock,
    log,
    async begin(name: string, release: number): Promise<Tenure> {
      const tenure = createTenure({
        clock,
        line: LINE,
        rank: { ...VERSION, release, generation: 1 },
        locks: locks.agent(),
        openBus: buses.agent((_, run) => void Promise.resolve().then(run)).open,
        onOver() {},
        onReplaced: () => log.push(`${name} is replaced`),
        onElsewhere: () => log.push(`${name} sends its tabs elsewhere`),
      })
      void tenure.begin().then(() => log.push(`${name} has the line`))
      await settled()
      return tenure
    },
  }
}

it('[P12][S92] a broker that takes the line hears of a later one that has waited since before it began', async () => {
  const { clock, log, begin } = await setUp()
  await begin('later', 2)
  await clock.advance(5_000)
  const earlier = await begin('earlier', 1)
  await clock.advance(5_000)
  expect(log).toEqual([])
  expect(await earlier.take()).toBe(true)
  await settled()
  expect(log).toEqual(['earlier has the line', 'earlier sends its tabs elsewhere'])
})
