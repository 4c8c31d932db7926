import { expect, it } from 'vitest'
import { lineLockName } from '../protocol/line-name.js'
import { VERSION } from '../protocol/version.js'
import { createMemoryLocks, type LockAgent } from '../testing/memory-locks.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createTenure } from './tenure.js'

const LINE = 'line'

async function setUp() {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const leave = await locks.agent().hold(lineLockName(LINE))
  const begin = (agent: LockAgent) => {
    const tenure = createTenure({
      clock,
      line: LINE,
      rank: { ...VERSION, generation: 0 },
      locks: agent,
      openBus: null,
      onLate() {},
      onOver() {},
      onReplaced() {},
    })
    void tenure.begin()
    return tenure
  }
  return { locks, leave, begin }
}

it('[P12][F2][S163] who waits no more keeps no place in the queue, so a worker that hangs later gets no line', async () => {
  const { locks, leave, begin } = await setUp()
  const giveBack = begin(locks.agent(() => {})).end()
  giveBack()
  leave()
  expect(locks.isHeld(lineLockName(LINE))).toBe(false)
})

it('[P1] who waits no more lets go what has come to it in that moment', async () => {
  const { locks, leave, begin } = await setUp()
  const tenure = begin(locks.agent())
  leave()
  tenure.end()()
  await settled()
  expect(locks.isHeld(lineLockName(LINE))).toBe(false)
})
