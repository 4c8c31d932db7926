/** What a leader tab makes of a worker that somebody waits for in vain. */
import { expect, it } from 'vitest'
import { createMemoryBuses } from '../../testing/memory-bus.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { DedicatedWorker } from '../environment.js'
import { createLeaderTab, type LeaderTabOptions } from './leader-tab.js'

const PLACE = { accused: [], isHubTaken: false }

const elected: LeaderTabOptions['queueForLock'] = (_, run) => {
  run()
  return () => {}
}

function setUp() {
  const clock = createVirtualClock()
  const log: string[] = []
  const world = { say: (_: string): void => {} }
  const buses = createMemoryBuses()
  const tab = (queueForLock: LeaderTabOptions['queueForLock']) =>
    createLeaderTab({
      environment: { after: clock.after, wall: () => 0, random: () => 0.5 },
      line: 'line',
      openBroadcast: buses.agent((_, run) => void Promise.resolve().then(run)).open,
      queueForLock,
      whenLockFree: () => () => {},
      freeLock() {},
      openDedicated: () =>
        ({
          postMessage: ({ kind }: { kind: string }) => log.push(kind),
          terminate: () => log.push('terminated'),
          addEventListener(type: string, run: (event: { data: unknown }) => void) {
            if (type === 'message') world.say = (data) => run({ data })
          },
        }) as unknown as DedicatedWorker,
      onMoved() {},
    })
  return { clock, log, world, leader: tab(elected), follower: tab(() => () => {}) }
}

for (const whose of ['leader', 'follower'] as const) {
  it(`[P12][F2][S123] a worker that hangs before it has shown its life is doubted when the ${whose} asks under another name`, async () => {
    const { clock, log, world, leader, ...others } = setUp()
    const asking = whose === 'leader' ? leader : others.follower
    leader.open('a', PLACE)
    world.say('here')
    asking.open('a', PLACE)
    asking.open('a', PLACE)
    await settled()
    expect(log).toEqual(['lead'])
    asking.open('a, 1', PLACE)
    await settled()
    expect(log).toEqual(['lead', 'ping'])
    await clock.advance(2_000)
    expect(log).toContain('terminated')
  })
}
