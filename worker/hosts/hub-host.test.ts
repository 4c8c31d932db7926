import { expect, it } from 'vitest'
import { hubName } from '../../protocol/hub.js'
import type { InstanceId } from '../../protocol/ids.js'
import { leaderLockName } from '../../protocol/line-name.js'
import { bodyLockName } from '../../protocol/lives.js'
import { createMemoryBuses } from '../../testing/memory-bus.js'
import { createMemoryLocks } from '../../testing/memory-locks.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { Broker } from '../broker.js'
import type { Locks } from '../tabs/locks.js'
import { claimHub } from './hub-host.js'

const LINE = 'line'

function setUp(own: Partial<Locks> = {}) {
  const clock = createVirtualClock()
  const buses = createMemoryBuses()
  const heard: unknown[] = []
  buses.open(hubName(LINE), (word) => heard.push(word))
  const locks = createMemoryLocks()
  const claim = (agent = locks.agent()) =>
    claimHub(
      {
        broker: {} as Broker,
        clock,
        locks: { ...agent, ...own },
        openBus: buses.open,
        newId: () => 'host',
      },
      LINE,
    )
  return { clock, heard, locks, claim }
}

const CLAIM = { kind: 'claim', by: 'shared-worker' }
const HERE = { kind: 'here', host: 'host' }

it('[P1][F5][S129][S135] a claim that nobody has heeded is said again, and served as soon as there is room', async () => {
  const { clock, heard, locks, claim } = setUp()
  const leave = await locks.agent().hold(leaderLockName(LINE))
  claim()
  await clock.advance(999)
  expect(heard).toEqual([CLAIM])
  await clock.advance(60_000)
  expect(heard).toEqual([CLAIM, CLAIM])
  leave()
  await settled()
  expect(heard).toEqual([CLAIM, CLAIM, HERE])
})

it('[P1][S135] a claim that is granted is not said, and is given back when the stay is over', async () => {
  const { clock, heard, locks, claim } = setUp()
  const leave = claim()
  await clock.advance(5_000)
  expect(heard).toEqual([HERE])
  expect(locks.isHeld(leaderLockName(LINE))).toBe(true)
  leave()
  expect(locks.isHeld(leaderLockName(LINE))).toBe(false)
})

it('[P12][F2][G110][S160] a claim behind a worker that hangs, and is found to, gets the hub after a second', async () => {
  const { clock, heard, locks, claim } = setUp()
  const hung = locks.agent()
  await hung.hold(
    bodyLockName(LINE, { generation: 0, isSpare: false, instance: 'x' as InstanceId }),
  )
  for (let i = 0; i < 2; i++) void hung.hold(leaderLockName(LINE))
  claim()
  await clock.advance(1_000)
  expect(heard).toEqual([CLAIM, CLAIM, HERE])
})

it('[P12][F2][S164] a hub that is taken, as from one who had it just before, is claimed again', async () => {
  const { clock, heard, locks, claim } = setUp()
  const leave = claim()
  await settled()
  const release = await locks.agent().steal(leaderLockName(LINE))
  await clock.advance(1_000)
  expect(heard).toEqual([HERE, CLAIM, CLAIM])
  release()
  await settled()
  expect(heard).toEqual([HERE, CLAIM, CLAIM, HERE])
  leave()
  expect(locks.isHeld(leaderLockName(LINE))).toBe(false)
})

it('[P12][F2][S164] a hub that is taken when the stay is over is not claimed again', async () => {
  const { heard, locks, claim } = setUp()
  const leave = claim()
  await settled()
  const stolen = locks.agent().steal(leaderLockName(LINE))
  leave()
  const release = await stolen
  await settled()
  release()
  expect(heard).toEqual([HERE])
  expect(locks.isHeld(leaderLockName(LINE))).toBe(false)
})

it('[P12][F2][S163] a claim that is over keeps no place in the queue, so a worker that hangs later gets no hub', async () => {
  const { locks, claim } = setUp()
  const leave = await locks.agent().hold(leaderLockName(LINE))
  claim(locks.agent(() => {}))()
  leave()
  expect(locks.isHeld(leaderLockName(LINE))).toBe(false)
})

it('[P1] a claim that is over before there is room lets it go', async () => {
  const { clock, heard, locks, claim } = setUp()
  const leave = await locks.agent().hold(leaderLockName(LINE))
  claim()()
  await clock.advance(5_000)
  leave()
  await settled()
  expect(heard).toEqual([])
  expect(locks.isHeld(leaderLockName(LINE))).toBe(false)
})

it('[P1][F5] a claim is said when its place in the queue is sure, so that nobody stands in front of it', async () => {
  let answer = (): void => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { heard, locks, claim } = setUp({ holders: () => answered.then(() => new Map()) })
  await locks.agent().hold(leaderLockName(LINE))
  claim()
  await settled()
  expect(heard).toEqual([])
  answer()
  await settled()
  expect(heard).toEqual([CLAIM])
})
